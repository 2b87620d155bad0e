// The events of nodes and players.
import type { EngineError, Recovery, Track } from './types.js';

/** The events of an `EngineNode` by their names. */
export interface EngineNodeEventMap {
  /** The audio thread failed and a fresh engine went on behind the same node. */
  recovered: CustomEvent<Recovery>;
  /** There is no engine any more. */
  error: CustomEvent<EngineError>;
  /** The browser's own event: the processor threw. */
  processorerror: Event;
}

/** The events of a `PlayerNode` by their names, in the manner of `HTMLMediaElement`. */
export interface PlayerNodeEventMap extends EngineNodeEventMap {
  /** A track's format and length are known. */
  loadedmetadata: CustomEvent<Track>;
  /** The length of the track is known better. */
  durationchange: CustomEvent<Track>;
  /** More of a track has arrived, or is indexed. */
  progress: CustomEvent<Track>;
  /** Another track sounds. */
  trackchange: CustomEvent<Track>;
  /** Entries were added or taken away. */
  queuechange: CustomEvent;
  /** Playing was asked for. */
  play: CustomEvent;
  /** It sounds. */
  playing: CustomEvent;
  /** It should sound, and there are no frames. */
  waiting: CustomEvent;
  /** It holds its position. */
  pause: CustomEvent;
  /** A jump was asked for. */
  seeking: CustomEvent;
  /** The frames from the target on are ready. */
  seeked: CustomEvent;
  /** The position has changed; at most four a second. */
  timeupdate: CustomEvent;
  /** The queue has come to its end. */
  ended: CustomEvent;
  /** `volume` or `muted` has changed. */
  volumechange: CustomEvent;
}
