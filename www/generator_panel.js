// Which sound the generator makes, how high and how loud.

import { Generator } from './generator.js';
import { showError } from './messages.js';
import { byId, setText } from './page.js';
import { frequencyText, signedText } from './wording.js';

const FREQUENCIES_HZ = [20, 20_000];

const kinds = byId('generator');
const frequency = byId('generator-frequency');
const level = byId('generator-level');

/** Lets a person choose what sounds into `destination`, the rack's input. */
export function startGeneratorPanel(context, destination) {
  const generator = new Generator(context, destination);

  function showFrequency() {
    const [least, most] = FREQUENCIES_HZ;
    const share = Number(frequency.value);
    const hertz = least * (most / least) ** share;
    generator.frequencyHz = hertz;
    setText(byId('generator-frequency-text'), frequencyText(hertz));
    frequency.style.setProperty('--share', `${share * 100}%`);
    frequency.setAttribute('aria-valuetext', frequencyText(hertz));
  }

  function showLevel() {
    const decibels = Number(level.value);
    generator.level = 10 ** (decibels / 20);
    setText(byId('generator-level-text'), `${signedText(decibels, 0)} dB`);
    level.style.setProperty('--share', `${(1 - decibels / Number(level.min)) * 100}%`);
    level.setAttribute('aria-valuetext', `${signedText(decibels, 0)} dB`);
  }

  kinds.addEventListener('change', async ({ target }) => {
    byId('generator-frequency-row').hidden = target.value !== 'sine';
    try {
      generator.play(target.value);
      if (target.value !== 'off') await context.resume();
    } catch (error) {
      showError(error);
    }
  });
  frequency.addEventListener('input', showFrequency);
  level.addEventListener('input', showLevel);
  byId('generator-off').checked = true; // a browser may have kept another over a reload
  for (const control of [kinds, frequency, level]) control.disabled = false;
  showFrequency();
  showLevel();
}
