// What the classes take and give, as data.
import type { AssetOptions } from './assets.js';
import type { EffectEntry } from './effects.js';
import type { ErrorCode } from './error_codes.js';
import type { Engine } from './engine.js';
import type { EngineNode } from './engine_node.js';
import type { NodeConstructor } from './platform.js';
import type { PlayerNode } from './player_node.js';

export type { EffectEntry, EffectName } from './effects.js';
/** What every rejected promise and every `error` event carries. */
export interface EngineError extends Error {
  /** Tells it from other errors. */
  name: 'EngineError';
  /** Stable; what to program against. */
  code: ErrorCode;
  /** What to do about it, in one sentence. `message` says what happened. */
  advice: string;
  /** The entry of the queue that it is about, if it is about one. */
  track?: Track | null;
}

/** A context that standardized-audio-context wraps around the browser's; that of Tone.js is `Tone.getContext().rawContext`. */
export interface WrappedContext {
  /** Seconds of its clock. */
  readonly currentTime: number;
  /** In Hz. */
  readonly sampleRate: number;
  /** By this a context is told from anything else that has a rate and a clock. */
  createAnalyser(): object;
}

/** What this browser and page can do. */
export interface Support {
  /** The mode that an engine will have; `'none'` when there can be no sound. */
  mode: 'shared' | 'solo' | 'none';
  /** Why this mode, and what to change to get shared mode. */
  modeReason: string;
  /** What stands against any sound; empty when nothing does. */
  problems: {
    /** Stable; what to program against. */
    code: ErrorCode;
    /** What is not as it must be. */
    message: string;
    /** What to do about it, in one sentence. */
    advice: string;
  }[];
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
export interface EngineOptions extends AssetOptions {
  /** `'auto'` (the default): shared mode where the page allows it. `'solo'`: without shared memory. */
  mode?: 'auto' | 'solo';
  /**
   * Workers of the pool, 1 to 8. Default: cores − 2, at least 1, at most 4; at most 2 where the browser tells of 4 GiB of memory
   * or less, 1 with 2 GiB. In solo mode workers are started when there is work for them.
   */
  workers?: number;
  /** What is measured of the workers' jobs: the time of each (the default), of every 16th, or of none. */
  telemetry?: 'full' | 'sampled' | 'off';
  /** Size of the engine's memory in MiB, 11 to 1024. Default 20, or 15 or 11 where the browser has no more; pool and recorder take 6.2, a player 4.3. */
  memoryMebibytes?: number;
  /** Ends the start; the promise is rejected with `aborted`. */
  signal?: AbortSignal;
  /** Longest start in seconds, 0.1 to 600; then the promise is rejected with `start-timeout`. Default 30. */
  timeoutSeconds?: number;
  /**
   * What nodes are made with, for a context that a library wraps, whose nodes connect only to their own kind: the `AudioWorkletNode` of
   * standardized-audio-context, which is Tone.js's too. Default: the browser's.
   */
  AudioWorkletNode?: NodeConstructor;
  /** Called when a stage begins and when it is done. */
  onprogress?: (progress: StartProgress) => void;
}

/** One entry of a player's queue. The object stays the same while the entry lives, and is kept up to date. */
export interface Track {
  /** Its number, which no other entry of the player has. */
  readonly id: number;
  /** {@link LoadOptions.name}, the file's name, or the last part of the address. */
  readonly name: string;
  /** What was handed over; an address as an absolute one. */
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
  /** Bytes of it that are here. */
  readonly receivedBytes: number;
  /** Bytes that it has; `null` if the server does not tell. */
  readonly totalBytes: number | null;
  /** Sentences on what this format cannot give. */
  readonly notes: readonly string[];
  /** Why it does not play, or not to its end. */
  readonly error: EngineError | null;
}

/** Figures from the audio thread, as of the last quantum. */
export interface PlayerTelemetry {
  /** `'starved'`: it plays, and what should sound is not there. */
  state: 'idle' | 'priming' | 'playing' | 'paused' | 'ended' | 'starved';
  /** Frames rendered since the node was made. */
  processedFrames: number;
  /** Frames in the source ring. */
  bufferedFrames: number;
  /** Frames that the source ring holds. */
  capacityFrames: number;
  /** How many frames are kept ready ahead of the sound now: what was found, or {@link PlayerOptions.bufferSeconds}. */
  targetFrames: number;
  /** Frames that should have sounded and were not there. Priming, pause and end of file do not count. */
  starvedFrames: number;
  /** Runs of such frames. */
  starvationEvents: number;
  /** Messages on the node's port that the worklet could not read. */
  unreadableMessages: number;
  /** Linear; falls 20 dB in 1.7 s. */
  peakLeft: number;
  /** The same of the right channel. */
  peakRight: number;
  /** Linear, over 300 ms. */
  rmsLeft: number;
  /** The same of the right channel. */
  rmsRight: number;
}

/** How long jobs of a kind took on a worker, in milliseconds. */
export interface ExecutionTimes {
  /** Jobs that were measured. */
  count: number;
  /** Half of them took at most as long. */
  p50: number;
  /** 95 of a hundred. */
  p95: number;
  /** 99 of a hundred. */
  p99: number;
  /** The longest. */
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
  /** By kind of job; a kind that it has not done is absent. */
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

/** What {@link Engine.report} gives. */
export interface EngineReport {
  /** Null until the kernels have been warmed, and for an offline context, which has no deadlines. */
  readonly warming: Warming | null;
  readonly [figure: string]: unknown;
}

/** What befalls a worker in the middle of a test job; from a delay of some hundredths of a second it goes on. */
export type WorkerFault = 'hang' | 'unreachable' | 'outOfBounds' | 'stackOverflow' | 'divisionByZero' | 'delay';

/** Something for a worker to compute. */
export type Job =
  /** Spectrum of a block: a power of two from 32 to 32768 samples. */
  | {
    /** A spectrum. */
    kind: 'fft';
    /** The block. */
    samples: Float32Array;
  }
  /** A block through the gain effect, from one linear factor to another; at most 16384 frames. */
  | {
    /** A block of sound. */
    kind: 'audioBlock';
    /** Its left channel. */
    left: Float32Array;
    /** Its right channel, as long. */
    right: Float32Array;
    /** The factor at its beginning. */
    from: number;
    /** The factor at its end. */
    to: number;
  }
  /** Integer mixing in slices of about 0.1 ms, at most 16384; the fault befalls the first worker that has it. */
  | {
    /** Work without a purpose. */
    kind: 'test';
    /** What it begins with: 32 bits. */
    seed: number;
    /** How much work it is. Default 1. */
    slices?: number;
    /** What befalls its worker. */
    fault?: WorkerFault;
  };

/** Bins 0 to N/2 of a spectrum of N samples, not scaled. */
export interface Spectrum {
  /** Real parts. */
  real: Float32Array;
  /** Imaginary parts. */
  imaginary: Float32Array;
}

/** How long a job took. */
export interface JobTime {
  /** On the worker, in milliseconds. */
  executionMilliseconds: number;
}

/** What a job of each kind results in. */
export interface JobResults {
  /** The spectrum. */
  fft: Spectrum & JobTime;
  /** The block, in arrays of its own. */
  audioBlock: JobTime & {
    /** Its left channel. */
    left: Float32Array;
    /** Its right channel. */
    right: Float32Array;
  };
  /** What came of the mixing. */
  test: JobTime & {
    /** 32 bits that the seed and the slices determine. */
    value: number;
  };
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
  /** What is taken of it. */
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

/** Something that an effect measures. */
export interface ReadingDescription {
  /** Within the effect: what stands behind the point in {@link EngineNode.readings}. */
  readonly name: string;
  /** Nothing for a factor, a share, a switch or a count. */
  readonly unit: '' | 'dB' | 'Hz' | 's' | 'LUFS';
}

/** A number that can be set: an AudioParam, or a setting that is fixed when a node is made. */
export interface ParameterDescription extends ReadingDescription {
  /** What it is unless something else is said. */
  readonly default: number;
  /** The least that it can be. */
  readonly minimum: number;
  /** The most that it can be. */
  readonly maximum: number;
}

/** All that is to be known of an effect before one is made. */
export interface EffectDescription {
  /** What to ask for it by. */
  readonly name: string;
  /** The AudioParams that it can have, the bypass last. */
  readonly parameters: readonly ParameterDescription[];
  /** What can be given with its name in {@link NodeOptions.effects}. */
  readonly settings: readonly ParameterDescription[];
  /** What it measures. */
  readonly readings: readonly ReadingDescription[];
}

/** A node as data: what it is made of, and what its AudioParams and its constants are. */
export interface Preset {
  /** The effects in their order, with their settings. */
  effects: EffectEntry[];
  /** Values of the AudioParams, by full name. */
  parameters: Record<string, number>;
  /** Values of the parameters without AudioParams, by full name. */
  constants: Record<string, number>;
}

/** Options of {@link EngineNode.setImpulseResponse}. */
export interface ResponseOptions {
  /** Name of the convolver within the node. Default `'convolver'`. */
  effect?: string;
  /** Scales the response as a `ConvolverNode` does, so that it is about as loud as the dry sound. Default true. */
  normalize?: boolean;
  /** Keeps the response from being given; the promise is rejected with `aborted`. Once it was given nothing takes it back. */
  signal?: AbortSignal;
}

/**
 * A window of a spectrum. A sine between two bins reads at most so much less in the nearest one, and beyond so many bins from it as the
 * main lobe is wide to either side, the window's side lobes stay so far below:
 *
 * | window | between two bins | main lobe | side lobes |
 * |---|---|---|---|
 * | `hann` | 1.42 dB | 2 bins | −31 dB, falling by 18 dB per octave |
 * | `hamming` | 1.75 dB | 2 bins | −42 dB |
 * | `blackman-harris` | 0.83 dB | 4 bins | −92 dB |
 * | `flat-top` | 0.01 dB | 5 bins | −83 dB |
 */
export type SpectrumWindow = 'hann' | 'hamming' | 'blackman-harris' | 'flat-top';

/** Options of {@link EngineNode.createSpectrumReader}. */
export interface SpectrumReaderOptions {
  /** Name of the analyser within the node. Default `'analyser'`. */
  effect?: string;
  /** Samples of the transform: a power of two from 512 to the analyser's `maximumFftSize`. Default 4096. */
  fftSize?: number;
  /** Default `'hann'`. */
  window?: SpectrumWindow;
}

/** Figures of a node from the audio thread, as of the last quantum. */
export interface NodeTelemetry {
  /** Frames rendered since the node was made. */
  processedFrames: number;
  /** Samples that were no number, infinite or above +200 dBFS, and became zero. */
  notFiniteSamples: number;
  /** Samples of the input too small for a normal number, which became zero. */
  denormalSamples: number;
  /** Samples above 0 dBFS that left the node. */
  clippedSamples: number;
  /** Messages on the node's port that the worklet could not read. */
  unreadableMessages: number;
  /** Linear; falls 20 dB in 1.7 s. */
  peakLeft: number;
  /** The same of the right channel. */
  peakRight: number;
  /** Linear, over 300 ms. */
  rmsLeft: number;
  /** The same of the right channel. */
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
  /**
   * Seconds that are decoded ahead of the sound: 0.5 to 10.3 at 48 kHz; other rates have their own range, and an error names it. By
   * default the player finds how many it needs, between 1 and all that fit, beginning with 4. In solo mode and in WebKit, where sound
   * or bytes pass through the main thread, it keeps 6 at least; there and on phones it begins with all that fit.
   */
  bufferSeconds?: number;
  /** Ends the making; the promise is rejected with `aborted`. */
  signal?: AbortSignal;
}

/** Where a jump has led. */
export interface SeekResult {
  /** Frames into the track, at the context's rate. */
  frame: number;
  /** Whether that is known to be true; if not, it is near. */
  exact: boolean;
}

/** Detail of a player's `recovered` event. */
export interface Recovery {
  /** `audio-thread-fault`. */
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

