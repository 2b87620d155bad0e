// What a person can ask the player to do, whether by button, key or slider.

import { announce, showError } from './messages.js';
import { spokenTime } from './wording.js';

export const STEP_S = 5;
export const LEAP_S = 30;
const VOLUME_STEP = 0.05;
// "Previous" within the first seconds of a track goes to the track before, later to its own start.
const RESTART_S = 3;

/** The actions for `player`. Fires `landed` with `detail` `{ frame, exact }` after each seek. */
export class Transport extends EventTarget {
  #player;
  #target = null;

  constructor(player) {
    super();
    this.#player = player;
  }

  async togglePlay() {
    const player = this.#player;
    if (!player.track) return;
    // What should play but waits for the browser's leave to sound is not playing yet.
    if (!player.paused && !player.ended && player.context.state === 'running') {
      player.pause();
      return;
    }
    try {
      await player.play();
    } catch (error) {
      showError(error);
    }
  }

  /** Position in seconds, or where the running seek goes. */
  get position() {
    return this.#target ?? this.#player.currentTime;
  }

  async seekTo(seconds) {
    const player = this.#player;
    if (!player.track || player.track.seek === 'none') return;
    const end = Number.isFinite(player.duration) ? player.duration : Infinity;
    const target = Math.min(Math.max(seconds, 0), end);
    this.#target = target;
    try {
      const landing = await player.seekToFrame(Math.round(target * player.context.sampleRate));
      this.dispatchEvent(new CustomEvent('landed', { detail: landing }));
    } catch (error) {
      showError(error);
    } finally {
      // A later seek has its own target by now.
      if (this.#target === target) this.#target = null;
    }
  }

  seekBy(seconds) {
    return this.seekTo(this.position + seconds);
  }

  seekToEnd() {
    if (Number.isFinite(this.#player.duration)) return this.seekTo(this.#player.duration);
    return undefined;
  }

  louder() {
    this.#changeVolume(VOLUME_STEP);
  }

  quieter() {
    this.#changeVolume(-VOLUME_STEP);
  }

  #changeVolume(change) {
    const player = this.#player;
    player.volume = Math.min(1, Math.max(0, Math.round((player.volume + change) * 100) / 100));
    if (change > 0) player.muted = false;
    announce(`Volume ${Math.round(player.volume * 100)} percent`);
  }

  toggleMute() {
    this.#player.muted = !this.#player.muted;
    announce(this.#player.muted ? 'Muted' : 'Not muted');
  }

  toggleLoop() {
    this.#player.loop = !this.#player.loop;
    announce(this.#player.loop ? 'Loop on' : 'Loop off');
    this.dispatchEvent(new Event('loopchange'));
  }

  next() {
    this.#playNeighbour(1);
  }

  previous() {
    if (this.position > RESTART_S || !this.#playNeighbour(-1)) this.seekTo(0);
  }

  /** Plays the track `step` places away in the queue; false when there is none. */
  #playNeighbour(step) {
    const { queue, track } = this.#player;
    const neighbour = queue[queue.indexOf(track) + step];
    if (!track || !neighbour) return false;
    this.#player.playTrack(neighbour);
    return true;
  }

  /** Says the position to a screen reader. */
  sayPosition() {
    announce(`${spokenTime(this.position)} of ${spokenTime(this.#player.duration)}`);
  }
}
