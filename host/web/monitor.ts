import { MonitorHost } from './host.js';
import type { AssetOptions } from './assets.js';
import { loadHost } from './loading.js';
import type { ErrorCode } from './error_codes.js';
import type { FigureName } from './schema.js';
import type { WorkerTelemetry } from './types.js';

/** What was missing: frames of a player, results of jobs, frames of the device as the browser counts, or calls of the audio thread. */
export type UnderrunKind = 'starvation' | 'jobs' | 'device' | 'gap';

/** Why it was missing. */
export type UnderrunCause = 'workerLate' | 'workerDead' | 'decodeLate' | 'audioThreadOverloaded' | 'deviceStalled' | 'pageFrozen';

/** Something was missing. The kinds overlap, and are never added up. */
export interface Underrun {
  /** What was missing. */
  kind: UnderrunKind;
  /** `null` if the recorder does not say. */
  cause: UnderrunCause | null;
  /** When it began, in milliseconds since 1970. */
  at: number;
  /** How long it lasted. */
  milliseconds: number;
  /** Frames that starved, jobs that were late, underruns that the browser counted; milliseconds of a gap. */
  amount: number;
}

/** What is no number: made when it is asked for. */
export interface MonitorState {
  /** All of it in one sentence. */
  verdict: string;
  /** How good that is: `'unknown'` while nothing has sounded. */
  level: 'good' | 'warning' | 'bad' | 'unknown';
  /** When counting began, in milliseconds since 1970. */
  since: number;
  /** Sample rate, quantum, channels, mode, isolation, workers, in one line. */
  format: string;
  /** The context's states, the newest last, at most 32. */
  states: {
    /** The state that it went into. */
    state: AudioContextState | 'interrupted';
    /** When, in milliseconds since 1970. */
    at: number;
  }[];
  /** Empty without an engine, and in solo mode. */
  workers: readonly WorkerTelemetry[];
  /** The newest last, at most 64. */
  underruns: readonly Underrun[];
  /** How many jobs took how long, in classes that double. */
  jobLatencies: readonly {
    /** The least time of the class; the next one's is its end. */
    fromMilliseconds: number;
    /** Jobs in it. */
    count: number;
  }[];
  /** What failed on the audio thread. */
  faults: readonly {
    /** What to program against. */
    code: ErrorCode;
    /** What happened, in a sentence. */
    message: string;
    /** When, in milliseconds since 1970. */
    at: number;
    /** How long there was no sound; `null` if it was not mended. */
    recoveryMilliseconds: number | null;
  }[];
}

/** What {@link Monitor.report} gives. */
export interface MonitorReport {
  /** By name; null is what is unknown here. */
  figures: Record<FigureName, number | null>;
  /** The newest 200 events of all threads, the newest last: milliseconds from now on, thread, frame of the context, what it was. */
  events: readonly string[];
  readonly [fact: string]: unknown;
}

/**
 * What can be known of an audio context: figures that are measured, figures that are estimated, and what is unknown here. An engine
 * has one of its own, {@link Engine.monitor}, which also knows what happened on each thread of the engine; any other context is watched
 * from aside, by a node of its own that gives silence and is connected to nothing.
 */
export class Monitor {
  /** The context that it watches, as the browser made it. */
  readonly context: AudioContext;
  readonly #host: MonitorHost;
  #watchers = 0;
  #frame = 0;
  #tasks: PerformanceObserver | null = null;

  /** @internal Use {@link Monitor.attach} or {@link Engine.monitor}. */
  constructor(host: MonitorHost) {
    this.context = host.context;
    this.#host = host;
  }

  /**
   * Watches a context of anybody's; that of Tone.js is `Tone.getContext().rawContext`, that of howler.js `Howler.ctx`. Wait for it
   * before you add a worklet module of your own to a context that runs: WebKitGTK stops for good when it is given two at a time.
   *
   * @throws {EngineError} `invalid-argument` for what is no live context; or the code of what did not load.
   */
  static async attach(context: AudioContext, options: AssetOptions = {}): Promise<Monitor> {
    return new Monitor(await MonitorHost.attach(context, await loadHost(options)));
  }

  /** Fills `target` with the figures, in the order of the `FIGURES` table; NaN is what is unknown here. */
  readFigures(target: Float64Array): void {
    this.#host.readFigures(target);
  }

  /** What is no number. */
  state(): MonitorState {
    return this.#host.state() as MonitorState;
  }

  /**
   * All of it as data for JSON, with what happened last: no audio, no names of files or devices, and not what browser it is, so nothing that
   * tells of a person. Its text fits into the 64 KiB that `sendBeacon` takes.
   */
  report(): MonitorReport {
    return this.#host.report() as MonitorReport;
  }

  /** The last 30 s of every thread, for chrome://tracing and Perfetto, as JSON; of a context without an engine, of the page. */
  trace(): string {
    return this.#host.trace();
  }

  /**
   * All events of the last 30 s of every thread as JSON, in numbers, without sound: what the flight recorder kept since the monitor was
   * made. Of a player in shared mode that was made within these 30 s, and after the monitor, it says to the frame what was heard and what
   * was missing: `cargo run -p rusty-audio-recorder --example replay` renders that again from it and the same file.
   */
  recording(): string {
    return this.#host.recording();
  }

  /** Counts from now on. */
  reset(): void {
    this.#host.reset();
  }

  /** Measures the page's frames and tasks, too, until what it returns is called; for displays that are seen. */
  watch(): () => void {
    this.#watchers += 1;
    if (this.#watchers === 1) this.#begin();
    let watches = true;
    return () => {
      if (!watches) return;
      watches = false;
      this.#watchers -= 1;
      if (this.#watchers === 0) this.#end();
    };
  }

  /** @internal Looks once a second only, or ten times again: for a display that has a monitor of its own and cannot be seen. */
  setSlow(isSlow: boolean): void {
    this.#host.setSlow(isSlow);
  }

  /** Ends it. Calling it again does nothing. */
  close(): void {
    this.#end();
    this.#host.close();
  }

  #begin(): void {
    const look = (now: number) => {
      this.#host.frame(now);
      this.#frame = requestAnimationFrame(look);
    };
    this.#frame = requestAnimationFrame(look);
    if (!globalThis.PerformanceObserver?.supportedEntryTypes?.includes('longtask')) return;
    this.#tasks = new PerformanceObserver((list) => {
      for (const { startTime, duration } of list.getEntries()) this.#host.task(startTime, duration);
    });
    this.#tasks.observe({ type: 'longtask' });
  }

  #end(): void {
    cancelAnimationFrame(this.#frame);
    this.#tasks?.disconnect();
    this.#tasks = null;
    this.#host.rest();
  }
}
