import { EngineHost } from './host.js';
import type { AssetOptions } from './assets.js';
import { EngineNode } from './engine_node.js';
import { createError } from './error_codes.js';
import { loadHost } from './loading.js';
import { Monitor } from './monitor.js';
import type { MonitorReport } from './monitor.js';
import type { NodeConstructor } from './platform.js';
import { PlayerNode } from './player_node.js';
import type { EffectDescription, EngineOptions, EngineReport, Job, JobOptions, JobResults, MemoryUse, NodeOptions, PlayerOptions, Spectrum, Support, WorkerTelemetry, WrappedContext } from './types.js';

/** An engine: one memory, one worklet instance and one pool for one audio context. */
export class Engine {
  /** The context that it was created for. */
  readonly context: BaseAudioContext;
  readonly #host: EngineHost;
  readonly #nodeConstructor: NodeConstructor | undefined;
  readonly #timers = new Set<ReturnType<typeof setInterval>>();
  #monitor: Monitor | null = null;

  private constructor(context: BaseAudioContext, host: EngineHost, nodeConstructor: NodeConstructor | undefined) {
    this.context = context;
    this.#host = host;
    this.#nodeConstructor = nodeConstructor;
  }

  /** Says, before any gesture, what will work and why not. */
  static async support(options: AssetOptions = {}): Promise<Support> {
    await loadHost(options);
    return EngineHost.support();
  }

  /**
   * Starts an engine for a context of the browser, live or offline, or for one that a library wraps around it.
   *
   * @throws {EngineError} with the code of what did not start.
   */
  static async create(context: BaseAudioContext | WrappedContext, options: EngineOptions = {}): Promise<Engine> {
    const { assetBaseUrl, assetUrls, trustedTypesPolicyName, AudioWorkletNode: nodeConstructor, onprogress, signal, ...rest } = options;
    const assets = await loadHost({ assetBaseUrl, assetUrls, trustedTypesPolicyName }, options.timeoutSeconds);
    const host = await EngineHost.create(context, rest, assets, onprogress, signal);
    return new Engine(context as BaseAudioContext, host, nodeConstructor);
  }

  /** How its threads are joined. */
  get mode(): 'shared' | 'solo' {
    return this.#host.mode as 'shared' | 'solo';
  }

  /** Why this mode, and what to change to get shared mode. */
  get modeReason(): string {
    return this.#host.modeReason;
  }

  /**
   * Watches the engine and its context, from the first time that it is asked for on; `null` for an offline context, where nothing can be
   * late. The flight recorder runs without it; what the browser tells of page and device it notes down only then.
   */
  get monitor(): Monitor | null {
    const host = this.#monitor ? undefined : this.#host.monitor();
    if (host) this.#monitor = new Monitor(host);
    return this.#monitor;
  }

  /**
   * Hands the monitor's report to `listener` every `intervalSeconds`, 1 to 86400, until what it returns is called: the figures of the
   * display for whoever runs this in production. A hidden page's timers are late. Of an offline context nothing comes.
   *
   * @throws {EngineError} `invalid-argument` for an interval out of range.
   */
  on(kind: 'report', listener: (report: MonitorReport) => void, { intervalSeconds = 60 }: { intervalSeconds?: number } = {}): () => void {
    if (kind !== 'report') throw createError('invalid-argument', `There is nothing called ${String(kind)} to listen to.`);
    if (!(intervalSeconds >= 1 && intervalSeconds <= 86_400)) {
      throw createError('invalid-argument', `intervalSeconds must be 1 to 86400, not ${String(intervalSeconds)}.`);
    }
    const { monitor } = this;
    if (!monitor) return () => {};
    const timer = setInterval(() => listener(monitor.report()), intervalSeconds * 1000);
    this.#timers.add(timer);
    return () => {
      clearInterval(timer);
      this.#timers.delete(timer);
    };
  }

  /** What is known of each worker of the pool; empty in solo mode, where workers come and go with the work. */
  get workers(): readonly WorkerTelemetry[] {
    return this.#host.workers;
  }

  /** What effects there are, with their AudioParams, settings and readings: names, units, defaults, ranges. */
  get effects(): readonly EffectDescription[] {
    return this.#host.effects;
  }

  /** Changes the number of workers, 1 to 8. Resolves when those that are new work; the others end after the job at hand. */
  resize(workers: number): Promise<void> {
    return this.#host.resize(workers);
  }

  /** Computes a spectrum on a worker. The samples may be written over when this returns. */
  computeFft(samples: Float32Array, { priority = 'interactive', signal }: JobOptions = {}): Promise<Spectrum> {
    return this.#host.computeFft(samples, priority, signal);
  }

  /**
   * Has a worker compute a job. If the worker dies another does it again; what comes out is the same. The samples may be
   * written over when this returns.
   */
  submit<J extends Job>(job: J, { priority = 'interactive', signal }: JobOptions = {}): Promise<JobResults[J['kind']]> {
    return this.#host.submit(job, priority, signal);
  }

  /**
   * Has the browser end a worker in the middle of whatever it does; for tests and demonstrations. Chromium takes two seconds
   * for that. Then it is replaced within 200 ms, and no sample changes. Returns whether there was one.
   */
  killWorker(index: number): boolean {
    return this.#host.killWorker(index);
  }

  /** How much of the engine's memory is used, and for what. */
  memory(): MemoryUse {
    return this.#host.memory();
  }

  /**
   * Makes a node of effects, to be connected like any other.
   *
   * @throws {EngineError} `invalid-argument` with the names that there are; `memory-full`; or the code of what did not start.
   */
  async createNode({ effects, parameters = {}, constants = {}, signal }: NodeOptions): Promise<EngineNode> {
    if (!Array.isArray(effects)) throw createError('invalid-argument', 'effects must be a list of names and objects.');
    for (const [name, values] of Object.entries({ parameters, constants })) {
      if (typeof values !== 'object' || values === null) throw createError('invalid-argument', `${name} must be an object of numbers.`);
    }
    const host = await this.#host.prepareNode([...effects], constants, signal);
    try {
      const node = new EngineNode(this.context, host, this.#nodeConstructor);
      node.setParameters(parameters);
      await host.attach(node);
      return node;
    } catch (error) {
      host.dispose();
      throw error;
    }
  }

  /**
   * Makes a player.
   *
   * @throws {EngineError} `invalid-argument` with the range; or the code of what did not start.
   */
  async createPlayer({ effects = [], impulseResponse, bufferSeconds, signal }: PlayerOptions = {}): Promise<PlayerNode> {
    const host = await this.#host.preparePlayer([...effects], impulseResponse, bufferSeconds, signal);
    const player = new PlayerNode(this.context, host, this.#nodeConstructor);
    try {
      await host.attach(player);
    } catch (error) {
      host.dispose();
      throw error;
    }
    return player;
  }

  /**
   * What to paste into an issue: versions, mode, figures. No audio, no names of files.
   */
  report(): EngineReport {
    return { ...this.#host.report(), userAgent: navigator.userAgent, contextState: this.context.state };
  }

  /**
   * Ends the pool and lets go of the worklet; resolves when the workers have ended. Players keep their own `dispose`. Calling
   * it again does nothing.
   */
  dispose(): Promise<void> {
    this.#timers.forEach(clearInterval);
    this.#monitor?.close();
    return this.#host.dispose();
  }
}
