import type { PlayerHost } from './host.js';
import { createError } from './error_codes.js';
import type { PlayerNodeEventMap } from './events.js';
import { WorkletNode } from './platform.js';
import type { NodeConstructor } from './platform.js';
import type { EffectEntry, LoadOptions, PlayerTelemetry, SeekResult, Track } from './types.js';

export interface PlayerNode {
  /** @ignore The browser's. */
  addEventListener<K extends keyof PlayerNodeEventMap>(type: K, listener: (this: PlayerNode, event: PlayerNodeEventMap[K]) => unknown, options?: boolean | AddEventListenerOptions): void;
  /** @ignore The browser's. */
  addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void;
  /** @ignore The browser's. */
  removeEventListener<K extends keyof PlayerNodeEventMap>(type: K, listener: (this: PlayerNode, event: PlayerNodeEventMap[K]) => unknown, options?: boolean | EventListenerOptions): void;
  /** @ignore The browser's. */
  removeEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | EventListenerOptions): void;
}

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
  constructor(context: BaseAudioContext, host: PlayerHost, constructor?: NodeConstructor) {
    super(context, host.nodeName, host.nodeOptions, constructor);
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

  /** Whether it was told to pause, or not yet to play. */
  get paused(): boolean {
    return this.#host.paused;
  }

  /** Whether the queue has been played to its end. */
  get ended(): boolean {
    return this.#host.ended;
  }

  /** Whether a jump is under way. */
  get seeking(): boolean {
    return this.#host.seeking;
  }

  /** Seconds into the current track. Setting it seeks. */
  get currentTime(): number {
    return this.currentFrame / this.context.sampleRate;
  }

  /** Seeks; {@link seekToFrame} tells where that led. */
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
  seekToFrame(frame: number): Promise<SeekResult> {
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

  /** May be switched while it plays. */
  set loop(enabled: boolean) {
    this.#host.loop = Boolean(enabled);
  }

  /** The volume as an AudioParam, for automation; `volume` and `muted` set its value. */
  get gain(): AudioParam {
    return this.parameters.get('gain') as AudioParam;
  }

  /** Linear, 0 to 1. */
  get volume(): number {
    return this.#volume;
  }

  /** @throws {EngineError} `invalid-argument` out of 0 to 1. */
  set volume(volume: number) {
    if (!(volume >= 0 && volume <= 1)) throw createError('invalid-argument', `The volume must be 0 to 1, not ${volume}.`);
    this.#volume = volume;
    this.#applyVolume();
  }

  /** Whether it is silent whatever the volume. */
  get muted(): boolean {
    return this.#muted;
  }

  /** Leaves the volume as it is. */
  set muted(muted: boolean) {
    this.#muted = Boolean(muted);
    this.#applyVolume();
  }

  #applyVolume(): void {
    this.gain.value = this.#muted ? 0 : this.#volume;
    this.dispatchEvent(new CustomEvent('volumechange'));
  }

  /** What the effects measure, by full name, such as `limiter.gainReduction`. */
  get readings(): Readonly<Record<string, number>> {
    return this.#host.readings;
  }

  /** The effects before the volume, with their names and settings. */
  get effects(): EffectEntry[] {
    return this.#host.effects;
  }

  /** Figures from the audio thread. */
  get telemetry(): PlayerTelemetry {
    return this.#host.telemetry;
  }

  /** Ends the decode worker, disconnects the node and lets the browser free it; the engine has its memory back a moment later. Calling it again does nothing. */
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
    return decodeURIComponent(path.split('/').pop() ?? '') || path;
  } catch {
    return path;
  }
}
