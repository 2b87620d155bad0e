// How much room there is around the sound, at the same loudness: wet and dry of the rack's convolver by one slider.

import { byId, setText } from './page.js';
import { shareText } from './wording.js';

/** The wet sound beside the dry one, at most. */
const MOST_WET = 0.9;
// Power that the room adds at a wet of 1, beside a dry sound of 1. It is less than that of the room alone, for some of it
// cancels; with this the bundled track keeps its loudness (EBU R 128) within 0.3 LU wherever the slider stands.
const ADDED_POWER = 0.4;

/** Connects the slider to the convolver of `rack`. */
export function bindRoomSlider(rack) {
  const bar = byId('room-bar');

  /** Where the slider is to stand, whoever has set the convolver. */
  function share() {
    const [wet, dry, bypass] = ['wet', 'dry', 'bypass'].map((name) => rack.get(`convolver.${name}`));
    if (bypass >= 0.5 || wet === 0) return 0;
    return Math.min(Math.round((100 * wet) / (Math.max(dry, 0.01) * MOST_WET)) / 100, 1);
  }

  function show() {
    const now = share();
    setText(byId('room-text'), `Room ${now === 0 ? 'off' : shareText(now)}`);
    bar.value = String(now);
    bar.style.setProperty('--share', `${now * 100}%`);
    bar.setAttribute('aria-valuetext', now === 0 ? 'off' : `${Math.round(now * 100)} percent`);
  }

  bar.addEventListener('input', () => {
    const wet = Number(bar.value) * MOST_WET;
    const dry = 1 / Math.sqrt(1 + ADDED_POWER * wet ** 2);
    rack.set({ 'convolver.wet': wet * dry, 'convolver.dry': dry, 'convolver.bypass': 0 });
  });
  rack.addEventListener('change', show);
  bar.disabled = false;
  show();
}
