// What the classes take and give, as data.
import type { EffectEntry } from './effects.js';
import type { ErrorCode } from './error_codes.js';
import type { Engine } from './engine.js';
import type { EngineNode } from './engine_node.js';
import type { PlayerNode } from './player_node.js';

export type { EffectEntry, EffectName } from './effects.js';
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
export type JobKind = 'fft' | 'audioBlock' | 'convolverTail' | 'responseSpectra' | 'spectralBlock' | 'spectrum' | 'test';

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

/** What came of running the engine's kernels once, on a worker and over a memory of their own, before they sound. */
export interface Warming {
  /** Render quanta that were rendered for it; 0 if it failed. */
  quanta: number;
  /** How long that took; 0 if it failed. */
  milliseconds: number;
  /** Why it failed: then a node's first quanta may take some milliseconds each, and nothing else is amiss. */
  failure: string | null;
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
  parts: Partial<Record<'pool' | 'nodes' | 'stacks' | 'other', number>>;
}

/** Options of {@link Engine.createNode}. */
export interface NodeOptions {
  /** At most 16, in their order. Or a preset: what {@link EngineNode.preset} gave, perhaps by way of JSON. */
  effects: readonly EffectEntry[];
  /** Values of AudioParams by their full name, such as `{ 'equalizer.band3.gain': 6 }`. */
  parameters?: Readonly<Record<string, number>>;
  /**
   * Parameters that keep this value as long as the node lives. They get no AudioParam, and so spare what the browser spends on each
   * one in every quantum, automated or not: for long chains whose settings are known, such as a headphone's correction.
   */
  constants?: Readonly<Record<string, number>>;
  /** Ends the making; the promise is rejected with `aborted`. */
  signal?: AbortSignal;
}

/** A node as data: what it is made of, and what its AudioParams and its constants are. */
export interface Preset {
  effects: EffectEntry[];
  parameters: Record<string, number>;
  constants: Record<string, number>;
}

/** Options of {@link EngineNode.setImpulseResponse}. */
export interface ResponseOptions {
  /** Name of the convolver within the node. Default `'convolver'`. */
  effect?: string;
  /** Scales the response as a `ConvolverNode` does, so that it is about as loud as the dry sound. Default true. */
  normalize?: boolean;
}

/** Figures of a node from the audio thread, as of the last quantum. */
export interface NodeTelemetry {
  /** Frames rendered since the node was made. */
  processedFrames: number;
  /** Samples that were no number, infinite or above +200 dBFS, and became zero. */
  notFiniteSamples: number;
  /** Samples of the input too small for a normal number, which became zero. */
  denormalSamples: number;
  /** Messages on the node's port that the worklet could not read. */
  unreadableMessages: number;
  /** Linear; falls 20 dB in 1.7 s. */
  peakLeft: number;
  peakRight: number;
  /** Linear, over 300 ms. */
  rmsLeft: number;
  rmsRight: number;
}

/** Options of {@link Engine.createPlayer}. */
export interface PlayerOptions {
  /** What the sound goes through before the volume. */
  effects?: readonly EffectEntry[];
  /**
   * For the player's convolver, which becomes its first effect if `effects` names none: one, two or four channels at the context's
   * rate, taken as it is. How loud it is beside the dry sound: `player.parameters.get('convolver.wet')`.
   */
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

