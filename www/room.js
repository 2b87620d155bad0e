// The room around the player: how much of it, at the same loudness.

import { byId, setText } from './page.js';
import { shareText } from './wording.js';

const MOST_WET = 0.9;
// Power that the room adds at a wet of 1, beside a dry sound of 1. It is less than that of the room alone, for some of it
// cancels; with this the bundled track keeps its loudness (EBU R 128) within 0.3 LU wherever the slider stands.
const ADDED_POWER = 0.4;
const RAMP_S = 0.05;

function rampTo(parameter, value, now) {
  parameter.cancelScheduledValues(now);
  parameter.setValueAtTime(parameter.value, now);
  parameter.linearRampToValueAtTime(value, now + RAMP_S);
}

/** Connects the slider to the room of `player`; `trim` is the gain behind it, which keeps the sum as loud as the dry sound. */
export function bindRoom(player, trim) {
  const bar = byId('room-bar');

  function show() {
    const share = Number(bar.value);
    setText(byId('room-text'), `Room ${share === 0 ? 'off' : shareText(share)}`);
    bar.style.setProperty('--share', `${share * 100}%`);
    bar.setAttribute('aria-valuetext', share === 0 ? 'off' : `${Math.round(share * 100)} percent`);
  }

  bar.addEventListener('input', () => {
    const wet = Number(bar.value) * MOST_WET;
    const now = player.context.currentTime;
    rampTo(player.parameters.get('convolver.wet'), wet, now);
    rampTo(trim.gain, 1 / Math.sqrt(1 + ADDED_POWER * wet ** 2), now);
    show();
  });
  bar.disabled = false;
  show();
}
