// The rack as a person sees it: a card for each effect, with its switch, its sliders and what it measures, all as the engine describes it.

import { EqualizerCurve } from './equalizer_curve.js';
import { eachFrame } from './frames.js';
import { RESPONSES } from './impulse_responses.js';
import { showError } from './messages.js';
import { byId, makeElement, setText } from './page.js';
import { makeParameterControl } from './parameter_control.js';
import { labelText, valueText } from './wording.js';

const READINGS_PER_S = 5;
const BYPASS = 'bypass';

/** A switch that is on while the effect is not bypassed. */
function makeSwitch(rack, name, label) {
  const button = Object.assign(makeElement('button', 'switch'), { type: 'button' });
  button.setAttribute('role', 'switch');
  button.setAttribute('aria-label', label);
  const parameter = `${name}.${BYPASS}`;
  button.dataset.parameter = parameter;
  button.addEventListener('click', () => rack.set({ [parameter]: rack.get(parameter) < 0.5 ? 1 : 0 }));
  return { button, show: () => button.setAttribute('aria-checked', String(rack.get(parameter) < 0.5)) };
}

/** The convolver's choice of impulse responses. */
function makeResponseChoice(rack) {
  const row = makeElement('label', 'choice', 'Response ');
  const select = makeElement('select', '');
  select.id = 'response';
  for (const [name, label] of Object.entries(RESPONSES)) select.append(new Option(label, name));
  row.append(select);
  select.addEventListener('change', async () => {
    try {
      await rack.setResponse(select.value);
    } catch (error) {
      showError(error);
      select.value = rack.response;
    }
  });
  return { row, show: () => { select.value = rack.response; } };
}

function makeReadings(rack, name, readings) {
  const list = makeElement('dl', 'readings');
  const values = readings.map((reading) => {
    const row = makeElement('div', '');
    const value = makeElement('dd', 'figures', '–');
    row.append(makeElement('dt', '', labelText(reading.name)), value);
    list.append(row);
    return [value, `${name}.${reading.name}`, reading.unit];
  });
  eachFrame(() => {
    const now = rack.node.readings;
    // What is bypassed goes on to measure, but nothing of it is heard.
    const isOff = rack.node.parameters.has(`${name}.${BYPASS}`) && rack.get(`${name}.${BYPASS}`) >= 0.5;
    for (const [value, reading, unit] of values) setText(value, valueText(isOff ? NaN : now[reading], unit));
  }, READINGS_PER_S);
  return list;
}

/** The card of the effect of that name; its equalizer's bands are drawn elsewhere. */
function makeCard(rack, name, description, equalizerTypes) {
  const card = makeElement('section', 'effect');
  card.dataset.effect = name;
  const head = makeElement('div', 'effect-head');
  const heading = makeElement('h3', '', labelText(name));
  heading.id = `effect-${name}`;
  card.setAttribute('aria-labelledby', heading.id);
  head.append(heading);
  card.append(head);
  const shown = [];
  if (rack.node.parameters.has(`${name}.${BYPASS}`)) {
    const { button, show } = makeSwitch(rack, name, `${labelText(name)} on`);
    head.append(button);
    shown.push(show, () => card.classList.toggle('is-off', rack.get(`${name}.${BYPASS}`) >= 0.5));
  }
  if (name === 'equalizer') {
    const curve = new EqualizerCurve(rack, name, description.parameters, equalizerTypes);
    card.append(curve.element);
    shown.push(() => curve.show());
  } else {
    if (name === 'convolver') {
      const { row, show } = makeResponseChoice(rack);
      card.append(row);
      shown.push(show);
    }
    const own = description.parameters.filter((parameter) => parameter.name !== BYPASS && rack.node.parameters.has(`${name}.${parameter.name}`));
    for (const parameter of own) {
      const { row, show } = makeParameterControl(rack, `${name}.${parameter.name}`, parameter, labelText(name));
      card.append(row);
      shown.push(show);
    }
  }
  if (description.readings.length > 0) card.append(makeReadings(rack, name, description.readings));
  return { card, show: () => shown.forEach((show) => show()) };
}

/** Fills the rack's section; `equalizerTypes` are the names of the types of bands, by number. */
export function startRackPanel(rack, equalizerTypes) {
  const cards = rack.node.effects.map(({ name, effect }) => {
    const description = rack.descriptions.find((known) => known.name === effect);
    return makeCard(rack, name, description, equalizerTypes);
  });
  byId('rack-effects').replaceChildren(...cards.map(({ card }) => card));
  const show = () => cards.forEach((card) => card.show());
  rack.addEventListener('change', show);
  show();
}
