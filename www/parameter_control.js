// One AudioParam of the rack as a slider, with the name, unit and range that the engine tells.

import { makeElement, setText } from './page.js';
import { labelText, valueText } from './wording.js';

const STEP = 0.005;

/** The way from the least value to the greatest, as a person hears it: octaves of a frequency, short times apart. */
const SCALES = {
  Hz: { toShare: (value, least, most) => Math.log(value / least) / Math.log(most / least), toValue: (share, least, most) => least * (most / least) ** share },
  s: { toShare: (value, least, most) => Math.cbrt((value - least) / (most - least)), toValue: (share, least, most) => least + (most - least) * share ** 3 },
};
const STRAIGHT = { toShare: (value, least, most) => (value - least) / (most - least), toValue: (share, least, most) => least + (most - least) * share };

const scaleOf = ({ unit }) => SCALES[unit] ?? STRAIGHT;

/** Where `value` lies between least and greatest, 0 to 1. */
export function shareOf(description, value) {
  return Math.min(Math.max(scaleOf(description).toShare(value, description.minimum, description.maximum), 0), 1);
}

/** The value at that place. */
export function valueAt(description, share) {
  const { minimum, maximum } = description;
  return Math.min(Math.max(scaleOf(description).toValue(share, minimum, maximum), minimum), maximum);
}

/**
 * A row with label, slider and value for the AudioParam of that full name. `show()` brings it up to date; `setLabel` gives what a
 * screen reader calls it.
 */
export function makeParameterControl(rack, name, description, context) {
  const row = makeElement('label', 'parameter');
  const label = makeElement('span', 'parameter-name', labelText(description.name));
  const slider = Object.assign(makeElement('input', 'slider'), { type: 'range', min: '0', max: '1', step: String(STEP) });
  slider.dataset.parameter = name;
  slider.setAttribute('aria-label', `${context}: ${labelText(description.name)}`);
  const value = makeElement('output', 'parameter-value figures');
  row.append(label, value, slider);

  function show() {
    const now = rack.get(name);
    const share = shareOf(description, now);
    const text = valueText(now, description.unit);
    setText(value, text);
    slider.value = String(share);
    slider.style.setProperty('--share', `${share * 100}%`);
    slider.setAttribute('aria-valuetext', text);
  }

  slider.addEventListener('input', () => rack.set({ [name]: valueAt(description, Number(slider.value)) }));
  show();
  return { row, show };
}
