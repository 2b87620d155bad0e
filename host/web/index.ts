/**
 * Rusty Audio: the classes that a page sees. They carry their calls to the host module; the thinking is in Rust.
 *
 * @module
 */
import initialize, { EngineHost, type PlayerHost } from './host.js';
import { createError, type ErrorCode } from './error_codes.js';

export type { ErrorCode } from './error_codes.js';

/** What every rejected promise and every `error` event carries. */
export interface EngineError extends Error {
  name: 'EngineError';
  /** Stable; what to program against. */
  code: ErrorCode;
  /** What to do about it, in one sentence. `message` says what happened. */
  advice: string;
  /** The entry of the queue that it is about, if it is about one. */
  track?: Track | null;
}

/** What this browser and page can do. */
export interface Support {
  /** The mode that an engine will have; `'none'` when there can be no sound. */
  mode: 'shared' | 'solo' | 'none';
  /** Why this mode, and what to change to get shared mode. */
  modeReason: string;
  /** What stands against any sound; empty when nothing does. */
  problems: { code: ErrorCode; message: string; advice: string }[];
}

/** How far an engine has started. */
export interface StartProgress {
  /** What is being started now. */
  stage: string;
  /** Share of the work that is done, 0 to `total`. */
  loaded: number;
  /** 1. */
  total: number;
}

/** Options of {@link Engine.create}. */
export interface EngineOptions {
  /** `'auto'` (the default): shared mode where the page allows it. `'solo'`: without shared memory. */
  mode?: 'auto' | 'solo';
  /**
   * Workers of the pool, 1 to 8. Default: cores − 2, at least 1, at most 4; at most 2 where the browser tells of 4 GiB of memory
   * or less, 1 with 2 GiB. In solo mode workers are started when there is work for them.
   */
  workers?: number;
  /** What is measured of the workers' jobs: the time of each (the default), of every 16th, or of none. */
  telemetry?: 'full' | 'sampled' | 'off';
  /** Size of the engine's memory in MiB, 10 to 1024. Default 20; the pool takes 4.5, a player 4.3. */
  memoryMebibytes?: number;
  /** Folder of the package's files. Default: beside this script. */
  assetBaseUrl?: string | URL;
  /** Ends the start; the promise is rejected with `aborted`. */
  signal?: AbortSignal;
  /** Longest start in seconds, 0.1 to 600; then the promise is rejected with `start-timeout`. Default 30. */
  timeoutSeconds?: number;
  /** Called when a stage begins and when it is done. */
  onprogress?: (progress: StartProgress) => void;
}

/** One entry of a player's queue. The object stays the same while the entry lives, and is kept up to date. */
export interface Track {
  readonly id: number;
  readonly name: string;
  readonly source: Blob | string;
  /** Settled when the source was opened; rejected when it cannot be. */
  readonly opened: Promise<Track>;
  /** Such as `WAV`, `FLAC`, `MP3`, `Ogg`, `MP4`; empty until it was opened. */
  readonly container: string;
  /** Such as `PCM 24-bit`, `Vorbis`, `AAC-LC`; empty until it was opened. */
  readonly codec: string;
  /** Channels in the file. */
  readonly channels: number;
  /** Sample rate of the file in Hz. */
  readonly sampleRate: number;
  /** Seconds; NaN when unknown. */
  readonly duration: number;
  /** Whether `duration` is exact or an estimate. */
  readonly durationExact: boolean;
  /** Whether the encoder's delay and padding are known and trimmed. */
  readonly gapless: boolean;
  /** `'indexing'`: seeks land near the target until the index is complete. */
  readonly seek: 'exact' | 'indexing' | 'none';
  /** Share of the file that is indexed, 0 to 1. */
  readonly indexProgress: number;
  readonly receivedBytes: number;
  readonly totalBytes: number | null;
  /** Sentences on what this format cannot give. */
  readonly notes: readonly string[];
  /** Why it does not play, or not to its end. */
  readonly error: EngineError | null;
}

/** Figures from the audio thread, as of the last quantum. */
export interface PlayerTelemetry {
  state: 'idle' | 'priming' | 'playing' | 'paused' | 'ended' | 'starved';
  /** Frames rendered since the node was made. */
  processedFrames: number;
  /** Frames in the source ring. */
  bufferedFrames: number;
  /** Frames that the source ring holds. */
  capacityFrames: number;
  /** Frames that should have sounded and were not there. Priming, pause and end of file do not count. */
  starvedFrames: number;
  /** Runs of such frames. */
  starvationEvents: number;
  /** Messages on the node's port that the worklet could not read. */
  unreadableMessages: number;
  /** Linear; falls 20 dB in 1.7 s. */
  peakLeft: number;
  peakRight: number;
  /** Linear, over 300 ms. */
  rmsLeft: number;
  rmsRight: number;
}

/** How long jobs of a kind took on a worker, in milliseconds. */
export interface ExecutionTimes {
  count: number;
  p50: number;
  p95: number;
  p99: number;
  max: number;
}

/** The kinds of jobs that workers compute. */
export type JobKind = 'fft' | 'audioBlock' | 'convolverTail' | 'responseSpectra' | 'test';

/** Figures of one worker. */
export interface WorkerTelemetry {
  /** `'missing'`: it died, and is about to be replaced. */
  state: 'working' | 'starting' | 'missing';
  /** Share of the last second that it computed, 0 to 1. */
  busyShare: number;
  /** Jobs done since it was started. */
  jobs: number;
  /** Jobs that it has at hand now. */
  claimedJobs: number;
  /** Whether it keeps the pool's time. */
  keepsTime: boolean;
  /** How often it was replaced. */
  restarts: number;
  /** Why it was, the last time. */
  lastExitReason: string | null;
  /** How long that took, from its last sign of life to the first of the next. */
  replacementMilliseconds: number | null;
  executionMilliseconds: Partial<Record<JobKind, ExecutionTimes>>;
}

/** What befalls a worker in the middle of a test job. */
export type WorkerFault = 'hang' | 'unreachable' | 'outOfBounds' | 'stackOverflow' | 'divisionByZero';

/** Something for a worker to compute. */
export type Job =
  /** Spectrum of a block: a power of two from 32 to 32768 samples. */
  | { kind: 'fft'; samples: Float32Array }
  /** A block through the gain effect, from one linear factor to another; at most 16384 frames. */
  | { kind: 'audioBlock'; left: Float32Array; right: Float32Array; from: number; to: number }
  /** Integer mixing in slices of about 0.1 ms, at most 16384; the fault befalls the first worker that has it. */
  | { kind: 'test'; seed: number; slices?: number; fault?: WorkerFault };

/** Bins 0 to N/2 of a spectrum of N samples, not scaled. */
export interface Spectrum {
  real: Float32Array;
  imaginary: Float32Array;
}

/** What a job of each kind results in. */
export interface JobResults {
  fft: Spectrum & { executionMilliseconds: number };
  audioBlock: { left: Float32Array; right: Float32Array; executionMilliseconds: number };
  test: { value: number; executionMilliseconds: number };
}

/** Options of {@link Engine.submit}. */
export interface JobOptions {
  /** Among the jobs that wait, interactive ones go first. Default `'interactive'`. */
  priority?: 'interactive' | 'background';
  /** Takes the job back; the promise is rejected with `aborted`. */
  signal?: AbortSignal;
}

/** The engine's memory. */
export interface MemoryUse {
  /** The {@link EngineOptions.memoryMebibytes} option. It never grows. */
  totalBytes: number;
  usedBytes: number;
  /** By purpose; empty in solo mode. */
  parts: Partial<Record<'pool' | 'players' | 'stacks' | 'other', number>>;
}

/** Options of {@link Engine.createPlayer}. */
export interface PlayerOptions {
  /** The player convolves with it, as loud as its `wet` says: one or two channels, at most 8192 frames, the context's rate. */
  impulseResponse?: AudioBuffer;
  /** Ends the making; the promise is rejected with `aborted`. */
  signal?: AbortSignal;
}

/** Detail of a player's `recovered` event. */
export interface Recovery {
  code: ErrorCode;
  /** What happened, in a sentence. */
  reason: string;
  /** Seconds without sound; while paused, without an engine. */
  gap: number;
}

/** Options of {@link PlayerNode.load} and {@link PlayerNode.enqueue}. */
export interface LoadOptions {
  /** Ends the loading and takes the entry out of the queue; the promise is rejected with `aborted`. */
  signal?: AbortSignal;
  /** What to call the entry. Default: the file's name, or the last part of the URL. */
  name?: string;
}

let loading: Promise<unknown> | undefined;

/** Loads the host module, once per page. */
async function loadHost(assetBaseUrl: string, timeoutSeconds = 30): Promise<void> {
  const url = new URL('host_bg.wasm', assetBaseUrl);
  loading ??= initialize({ module_or_path: url });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = createError('start-timeout', `${url} did not load within ${timeoutSeconds} s.`);
    timer = setTimeout(() => reject(error), timeoutSeconds * 1000);
  });
  try {
    await Promise.race([loading, late]);
  } catch (reason) {
    loading = undefined;
    throw (reason as EngineError).code ? reason : await hostFailure(url, reason);
  } finally {
    clearTimeout(timer);
  }
}

/** Without the host module there is nobody else to say why it did not load. */
async function hostFailure(url: URL, reason: unknown): Promise<EngineError> {
  if (typeof WebAssembly === 'undefined') return createError('no-webassembly', 'This browser has no WebAssembly.');
  const text = String(reason);
  if (/unsafe-eval|Content Security Policy/i.test(text)) return createError('webassembly-blocked', `${text}.`);
  const response = await fetch(url).catch(() => null);
  if (response?.status === 404) return createError('asset-not-found', `${url} was not found (404).`);
  const type = response?.headers.get('content-type') ?? '';
  if (response?.ok && !type.includes('wasm')) {
    return createError('asset-wrong-type', `${url} was served as "${type}" instead of application/wasm.`);
  }
  return createError('asset-failed', `${url} did not load: ${text}.`);
}

function defaultBaseUrl(): string {
  return new URL('./', import.meta.url).href;
}

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
   * Makes a player.
   *
   * @throws {EngineError} with the code of what did not start.
   */
  async createPlayer({ impulseResponse, signal }: PlayerOptions = {}): Promise<PlayerNode> {
    const host = await this.#host.preparePlayer(impulseResponse, signal);
    const player = new PlayerNode(this.context, host);
    try {
      await host.attach(player);
    } catch (error) {
      host.dispose();
      throw error;
    }
    return player;
  }

  /** What to paste into an issue: versions, mode, figures. No audio, no names of files. */
  report(): object {
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

/** Where there are no worklets this module must still load, for {@link Engine.support} to say so. */
const WorkletNode = globalThis.AudioWorkletNode ?? (class {} as unknown as typeof AudioWorkletNode);

/**
 * A node that plays files. Connect it like any other.
 *
 * Events, in the manner of `HTMLMediaElement`, all `CustomEvent`s: `loadedmetadata`, `durationchange`, `progress` and
 * `trackchange` (detail: the {@link Track}), `queuechange`, `play`, `playing`, `waiting`, `pause`, `seeking`, `seeked`,
 * `timeupdate` (at most four a second), `ended`, `volumechange`, `error` (detail: the {@link EngineError}), and `recovered`
 * (detail: a {@link Recovery}) when the audio thread failed and a fresh engine went on: node, AudioParams, connections and
 * position are the same.
 */
export class PlayerNode extends WorkletNode {
  readonly #host: PlayerHost;
  #volume = 1;
  #muted = false;

  /** @internal Use {@link Engine.createPlayer}. */
  constructor(context: BaseAudioContext, host: PlayerHost) {
    super(context, host.nodeName, host.nodeOptions);
    this.#host = host;
  }

  /** Empties the queue and opens this source. Resolves when its format is known; playing need not wait for it. */
  async load(source: Blob | string | URL, options: LoadOptions = {}): Promise<Track> {
    return this.#host.load(address(source), nameOf(source, options), options.signal);
  }

  /**
   * Appends a source to the queue; it follows without a gap. Resolves with its entry at once: a remote source is opened
   * when its turn comes near, and `track.opened` tells how that went.
   */
  async enqueue(source: Blob | string | URL, options: LoadOptions = {}): Promise<Track> {
    return this.#host.enqueue(address(source), nameOf(source, options), options.signal);
  }

  /** The entries in playing order. */
  get queue(): readonly Track[] {
    return this.#host.queue;
  }

  /** The entry that sounds, or will when playing. */
  get track(): Track | null {
    return this.#host.track;
  }

  /** Takes an entry out of the queue. If it is the current one, the next one follows. */
  remove(track: Track): void {
    this.#host.remove(track.id);
  }

  /** Jumps to the start of an entry. Does not start a paused player. */
  playTrack(track: Track): void {
    this.#host.seek(track.id, 0).catch(() => {});
  }

  /** Plays. Resolves when the audio context runs; rejected with `audio-not-running` when it does not. */
  play(): Promise<void> {
    return this.#host.play();
  }

  /** Fades out within 3 ms and holds the position. */
  pause(): void {
    this.#host.pause();
  }

  get paused(): boolean {
    return this.#host.paused;
  }

  get ended(): boolean {
    return this.#host.ended;
  }

  get seeking(): boolean {
    return this.#host.seeking;
  }

  /** Seconds into the current track. Setting it seeks. */
  get currentTime(): number {
    return this.currentFrame / this.context.sampleRate;
  }

  set currentTime(seconds: number) {
    this.seekToFrame(Math.max(0, seconds) * this.context.sampleRate).catch(() => {});
  }

  /** Frames into the current track, at the context's sample rate. */
  get currentFrame(): number {
    return this.#host.currentFrame;
  }

  /**
   * Seeks in the current track. Resolves when the frames from there on are ready, with where that really is.
   *
   * @throws {EngineError} `aborted` when another jump was asked for, `invalid-argument` when there is no track.
   */
  seekToFrame(frame: number): Promise<{ frame: number; exact: boolean }> {
    return this.#host.seek(this.track?.id ?? 0, frame);
  }

  /** Seconds; NaN when unknown. */
  get duration(): number {
    return this.#host.duration;
  }

  /** Whether the current track starts again at its end. */
  get loop(): boolean {
    return this.#host.loop;
  }

  set loop(enabled: boolean) {
    this.#host.loop = Boolean(enabled);
  }

  /** The volume as an AudioParam, for automation; `volume` and `muted` set its value. */
  get gain(): AudioParam {
    return this.parameters.get('gain') as AudioParam;
  }

  /** How loud the convolved sound is beside the dry one, linear; without an impulse response it does nothing. */
  get wet(): AudioParam {
    return this.parameters.get('wet') as AudioParam;
  }

  /** Linear, 0 to 1. */
  get volume(): number {
    return this.#volume;
  }

  set volume(volume: number) {
    if (!(volume >= 0 && volume <= 1)) throw createError('invalid-argument', `The volume must be 0 to 1, not ${volume}.`);
    this.#volume = volume;
    this.#applyVolume();
  }

  get muted(): boolean {
    return this.#muted;
  }

  set muted(muted: boolean) {
    this.#muted = Boolean(muted);
    this.#applyVolume();
  }

  #applyVolume(): void {
    this.gain.value = this.#muted ? 0 : this.#volume;
    this.dispatchEvent(new CustomEvent('volumechange'));
  }

  /** Figures from the audio thread. */
  get telemetry(): PlayerTelemetry {
    return this.#host.telemetry;
  }

  /** Ends the decode worker, disconnects the node and lets the browser free it. Calling it again does nothing. */
  dispose(): void {
    this.#host.dispose();
  }
}

/** Workers have no page to resolve a relative address against. */
function address(source: Blob | string | URL): Blob | string {
  if (source instanceof Blob) return source;
  try {
    return new URL(source, document.baseURI).href;
  } catch {
    throw createError('invalid-url', `"${source}" is not an address.`);
  }
}

function nameOf(source: Blob | string | URL, { name }: LoadOptions): string {
  if (name !== undefined) return name;
  if (source instanceof Blob) return source instanceof File ? source.name : 'untitled';
  const path = new URL(source, document.baseURI).pathname;
  try {
    return decodeURIComponent(path.split('/').at(-1) ?? '') || path;
  } catch {
    return path;
  }
}
