import { EngineHost } from './host.js';
import { EngineNode } from './engine_node.js';
import { defaultBaseUrl, loadHost } from './loading.js';
import { PlayerNode } from './player_node.js';
import type { EngineOptions, Job, JobOptions, JobResults, MemoryUse, NodeOptions, PlayerOptions, Spectrum, Support, Warming, WorkerTelemetry } from './types.js';

/** An engine: one memory, one worklet instance and one pool for one audio context. */
export class Engine {
  /** The context that it was created for. */
  readonly context: BaseAudioContext;
  readonly #host: EngineHost;

  private constructor(context: BaseAudioContext, host: EngineHost) {
    this.context = context;
    this.#host = host;
  }

  /** Says, before any gesture, what will work and why not. */
  static async support(options: Pick<EngineOptions, 'assetBaseUrl'> = {}): Promise<Support> {
    await loadHost(new URL(options.assetBaseUrl ?? defaultBaseUrl(), document.baseURI).href);
    return EngineHost.support();
  }

  /**
   * Starts an engine.
   *
   * @throws {EngineError} with the code of what did not start.
   */
  static async create(context: BaseAudioContext, options: EngineOptions = {}): Promise<Engine> {
    const { assetBaseUrl = defaultBaseUrl(), onprogress, signal, ...rest } = options;
    const base = new URL(assetBaseUrl, document.baseURI).href;
    await loadHost(base, options.timeoutSeconds);
    const host = await EngineHost.create(context, { ...rest, assetBaseUrl: base }, onprogress, signal);
    return new Engine(context, host);
  }

  /** How its threads are joined. */
  get mode(): 'shared' | 'solo' {
    return this.#host.mode as 'shared' | 'solo';
  }

  /** Why this mode, and what to change to get shared mode. */
  get modeReason(): string {
    return this.#host.modeReason;
  }

  /** What is known of each worker of the pool; empty in solo mode, where workers come and go with the work. */
  get workers(): readonly WorkerTelemetry[] {
    return this.#host.workers;
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
    const host = await this.#host.prepareNode([...effects], constants, signal);
    try {
      const node = new EngineNode(this.context, host);
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
   * @throws {EngineError} with the code of what did not start.
   */
  async createPlayer({ effects = [], impulseResponse, signal }: PlayerOptions = {}): Promise<PlayerNode> {
    const host = await this.#host.preparePlayer([...effects], impulseResponse, signal);
    const player = new PlayerNode(this.context, host);
    try {
      await host.attach(player);
    } catch (error) {
      host.dispose();
      throw error;
    }
    return player;
  }

  /**
   * What to paste into an issue: versions, mode, figures. No audio, no names of files. `warming` is null until the kernels have been
   * warmed, and for an offline context, which has no deadlines.
   */
  report(): { readonly warming: Warming | null; readonly [figure: string]: unknown } {
    return { ...this.#host.report(), userAgent: navigator.userAgent, contextState: this.context.state };
  }

  /**
   * Ends the pool and lets go of the worklet; resolves when the workers have ended. Players keep their own `dispose`. Calling
   * it again does nothing.
   */
  dispose(): Promise<void> {
    return this.#host.dispose();
  }
}
