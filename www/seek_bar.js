// The ruler under the clock: where the sound is, how much of the file has arrived, and where a drag would land.

import { eachFrame } from './frames.js';
import { letter } from './lettering.js';
import { byId, setText } from './page.js';
import { byteText, clockText, spokenTime } from './wording.js';

// The ruler has a tick each of these many seconds: the first that leaves at most so many ticks.
const TICK_STEPS_S = [1, 5, 10, 30, 60, 300, 600, 1800, 3600];
const MOST_TICKS = 60;

const seek = byId('seek');
const bar = byId('seek-bar');
const target = seek.querySelector('.seek-target');
const hint = byId('seek-hint');
const clock = byId('clock');
const duration = byId('duration');
const clockNote = byId('clock-note');

/** Draws the position of `player` and turns drags on the bar into seeks of `transport`. */
export function bindSeekBar(player, transport) {
  let dragged = null;
  let landing = null;

  function length() {
    return Number.isFinite(player.duration) ? player.duration : 0;
  }

  function showTrack() {
    const { track } = player;
    const seconds = length();
    bar.disabled = !track || seconds === 0 || track.seek === 'none';
    bar.max = String(seconds || 1);
    setText(duration, track ? `${track.durationExact || !seconds ? '' : '≈ '}${clockText(player.duration)}` : '\u00a0');
    const step = TICK_STEPS_S.find((s) => seconds / s <= MOST_TICKS) ?? seconds / MOST_TICKS;
    seek.style.setProperty('--tick', seconds > 0 ? `${(step / seconds) * 100}%` : '100%');
    showProgress();
  }

  function showProgress() {
    const { track } = player;
    const indexing = track?.seek === 'indexing';
    const received = track?.totalBytes ? Math.min(1, track.receivedBytes / track.totalBytes) : 0;
    seek.style.setProperty('--received', `${received * 100}%`);
    seek.style.setProperty('--indexed', indexing ? `${track.indexProgress * 100}%` : '0%');
    setText(clockNote, receivedText(track, received));
    setText(hint, hintText(track, indexing));
  }

  function receivedText(track, share) {
    if (!track || typeof track.source !== 'string' || share >= 1 || !track.receivedBytes) return '';
    return track.totalBytes
      ? `${byteText(track.receivedBytes)} of ${byteText(track.totalBytes)} received`
      : `${byteText(track.receivedBytes)} received`;
  }

  function hintText(track, indexing) {
    if (!track) return '';
    if (track.seek === 'none') return 'This source cannot be sought: it is a stream without an end.';
    if (!indexing) return '';
    const share = track.indexProgress > 0 ? ` (${Math.floor(track.indexProgress * 100)} % so far)` : '';
    return landing && !landing.exact
      ? `Went to the nearest known point; the position becomes exact with the index${share}.`
      : `Seeks go to the nearest known point until the file is indexed${share}.`;
  }

  function showPosition() {
    const seconds = dragged ?? transport.position;
    const share = length() > 0 ? Math.min(1, seconds / length()) : 0;
    letter(clock, clockText(player.track ? seconds : 0));
    seek.style.setProperty('--played', `${share * 100}%`);
    if (dragged === null) bar.value = String(seconds);
    const spoken = `${spokenTime(seconds)} of ${spokenTime(player.duration)}`;
    if (bar.getAttribute('aria-valuetext') !== spoken) bar.setAttribute('aria-valuetext', spoken);
  }

  bar.addEventListener('input', () => {
    dragged = Number(bar.value);
    showPosition();
  });
  bar.addEventListener('change', () => {
    const seconds = dragged ?? Number(bar.value);
    dragged = null;
    landing = null;
    transport.seekTo(seconds);
  });
  bar.addEventListener('pointermove', (event) => {
    const box = bar.getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    target.hidden = bar.disabled;
    target.textContent = clockText(share * length());
    seek.style.setProperty('--target', `${share * 100}%`);
  });
  for (const type of ['pointerleave', 'pointercancel', 'pointerup']) {
    bar.addEventListener(type, () => { target.hidden = true; });
  }

  transport.addEventListener('landed', (event) => {
    landing = event.detail;
    showProgress();
  });
  player.addEventListener('trackchange', () => {
    landing = null;
    dragged = null;
  });
  for (const type of ['trackchange', 'loadedmetadata', 'durationchange', 'queuechange']) player.addEventListener(type, showTrack);
  player.addEventListener('progress', showProgress);
  showTrack();
  eachFrame(showPosition);
}
