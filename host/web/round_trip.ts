import { measureRoundTrip as measure, rememberedRoundTrip as remembered } from './host.js';
import type { AssetOptions } from './assets.js';
import { loadHost } from './loading.js';

/** Options of {@link measureRoundTrip}. */
export interface RoundTripOptions extends AssetOptions {
  /**
   * That the person was warned and has agreed. Whatever else it is, there is no sound, and the promise is rejected with
   * `volume-unconfirmed`, whose advice says what to warn of.
   */
  volumeIsLow: boolean;
  /** What the noise goes into. Default: the context's destination. */
  destination?: AudioNode;
  /** Ends the noise and lets go of the microphone; the promise is rejected with `aborted`. */
  signal?: AbortSignal;
}

/** What {@link measureRoundTrip} has measured. */
export interface RoundTrip {
  /** From a frame's being rendered to its coming in by the microphone, in milliseconds. */
  milliseconds: number;
  /** The same in frames of the context. */
  frames: number;
  /** How far the sound stood out of the noise, in dB; at least 20. */
  qualityDecibels: number;
  /** The microphone's name, or its id where it has none. */
  microphone: string;
}

/** What was measured earlier. */
export interface RememberedRoundTrip {
  /** What was measured. */
  milliseconds: number;
  /** When, in milliseconds since 1970. */
  at: number;
  /** The microphone's name, or its id where it had none. */
  microphone: string;
}

/**
 * Measures how long sound takes from the graph through loudspeaker and microphone back to the graph: plays noise of −20 dBFS for about
 * four seconds, records the microphone without the browser's treatment of voices, and finds when the noise arrives first. To the frame,
 * if the noise is heard as loud as all else. Delays up to a second are told apart.
 *
 * **It is loud on headphones and on a large system.** Warn the person, have the volume turned low, and then set `volumeIsLow`.
 *
 * The browser asks for the microphone; it is let go of before the promise is settled. What was measured is remembered on this origin
 * for the output and the microphone.
 *
 * @throws {EngineError} `volume-unconfirmed`, `microphone-unavailable`, `no-round-trip` when the noise was not heard,
 * `audio-not-running`, `aborted`.
 */
export async function measureRoundTrip(context: AudioContext, options: RoundTripOptions): Promise<RoundTrip> {
  const assets = await loadHost(options);
  return measure(context, assets, options.volumeIsLow === true, options.destination, options.signal);
}

/** The newest measurement on the output of `context`, through whichever microphone; `null` if there is none, or storage is blocked. */
export async function rememberedRoundTrip(context: AudioContext, options: AssetOptions = {}): Promise<RememberedRoundTrip | null> {
  await loadHost(options);
  return remembered(context);
}
