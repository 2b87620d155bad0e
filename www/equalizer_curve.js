// The equalizer's curve as the engine computes it, with a point for each band: to be dragged, or moved by keys.

import { makeElement } from './page.js';
import { makeParameterControl, shareOf, valueAt } from './parameter_control.js';
import { bandText, signedText } from './wording.js';

const POINTS = 256;
const SVG = 'http://www.w3.org/2000/svg';
// The picture's own units; it is stretched to whatever room there is.
const [WIDTH, HEIGHT] = [1000, 400];
const GRID_HZ = [20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000];
const GRID_DB = [-24, -12, 0, 12, 24];
/** Types whose gain is heard. What else there is has its point as high as its quality, which is the gain of a low pass at its frequency. */
const WITH_GAIN = ['peaking', 'lowshelf', 'highshelf'];
const SEMITONE = 2 ** (1 / 12);
const STEP_DB = 0.5;
const STEP_Q = 2 ** (1 / 4);

const toDecibels = (factor) => 20 * Math.log10(factor);
const toFactor = (decibels) => 10 ** (decibels / 20);
const clamped = ({ minimum, maximum }, value) => Math.min(Math.max(value, minimum), maximum);

function makeSvg(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

/** The curve of the equalizer `name` of `rack`, with the settings of the band that was touched last below it. */
export class EqualizerCurve {
  #rack;
  #bands;
  #types;
  /** Frequencies from end to end: not above half the sample rate. */
  #scale;
  #gain;
  #frequencies;
  #magnitudes = new Float32Array(POINTS);
  #line;
  #settings = makeElement('div', 'band');
  #controls = [];
  #selected = null;

  constructor(rack, name, parameters, types) {
    this.#rack = rack;
    this.#types = types;
    this.#bands = this.#findBands(name, parameters);
    const [{ frequency, gain }] = this.#bands;
    this.#scale = { ...frequency, maximum: Math.min(frequency.maximum, rack.node.context.sampleRate / 2) };
    this.#gain = gain;
    this.#frequencies = Float32Array.from({ length: POINTS }, (_, index) => valueAt(this.#scale, index / (POINTS - 1)));
    this.element = makeElement('div', 'equalizer');
    const plot = makeElement('div', 'curve');
    plot.append(this.#makePicture(), ...this.#makeLabels(), ...this.#bands.map((band) => band.point));
    const hint = makeElement('p', 'curve-hint', 'Drag a point, or move it with the arrow keys; Page Up and Page Down change its Q, Delete brings it back to 0 dB.');
    this.element.append(plot, this.#settings, hint);
    for (const band of this.#bands) this.#bindPoint(band, plot);
    this.#select(this.#bands[0]);
  }

  /** What the rack has of each band: full names and descriptions. */
  #findBands(name, parameters) {
    const bands = [];
    for (let number = 1; this.#rack.node.parameters.has(`${name}.band${number}.gain`); number += 1) {
      const described = (part) => ({ ...parameters.find((parameter) => parameter.name === `band${number}.${part}`), name: part });
      const [frequency, gain, q, type] = ['frequency', 'gain', 'q', 'type'].map(described);
      const point = Object.assign(makeElement('div', 'curve-point', String(number)), { tabIndex: 0 });
      point.setAttribute('role', 'slider');
      point.setAttribute('aria-orientation', 'vertical');
      point.setAttribute('aria-label', `Band ${number}`);
      point.setAttribute('aria-valuemin', gain.minimum);
      point.setAttribute('aria-valuemax', gain.maximum);
      bands.push({ number, label: `${name}.band${number}`, frequency, gain, q, type, point });
    }
    return bands;
  }

  #makePicture() {
    const svg = makeSvg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' });
    for (const hertz of GRID_HZ) svg.append(makeSvg('path', { class: 'curve-grid', d: `M${this.#x(hertz)} 0V${HEIGHT}` }));
    for (const decibels of GRID_DB) {
      svg.append(makeSvg('path', { class: decibels === 0 ? 'curve-grid is-zero' : 'curve-grid', d: `M0 ${this.#y(decibels)}H${WIDTH}` }));
    }
    this.#line = svg.appendChild(makeSvg('path', { class: 'curve-line' }));
    return svg;
  }

  #makeLabels() {
    const label = (className, text, style) => Object.assign(makeElement('span', className, text), { style, ariaHidden: 'true' });
    return [
      ...GRID_HZ.map((hertz) => label('curve-hertz', hertz < 1000 ? hertz : `${hertz / 1000}k`, `left: ${this.#x(hertz) / WIDTH * 100}%`)),
      ...GRID_DB.map((decibels) => label('curve-decibels', signedText(decibels, 0), `top: ${this.#y(decibels) / HEIGHT * 100}%`)),
    ];
  }

  #x(hertz) {
    return shareOf(this.#scale, hertz) * WIDTH;
  }

  #y(decibels) {
    return (1 - shareOf(this.#gain, decibels)) * HEIGHT;
  }

  #value(band, part) {
    return this.#rack.get(`${band.label}.${part}`);
  }

  #typeOf(band) {
    return this.#types[Math.round(this.#value(band, 'type'))];
  }

  #set(band, values) {
    const named = Object.entries(values).map(([part, value]) => [`${band.label}.${part}`, clamped(band[part], value)]);
    this.#rack.set(Object.fromEntries(named));
  }

  /** How high the band's point stands, in dB. */
  #heightOf(band) {
    const type = this.#typeOf(band);
    if (type === 'off') return 0;
    return WITH_GAIN.includes(type) ? this.#value(band, 'gain') : toDecibels(this.#value(band, 'q'));
  }

  #setHeight(band, decibels) {
    const type = this.#typeOf(band);
    if (type === 'off') return {};
    return WITH_GAIN.includes(type) ? { gain: decibels } : { q: toFactor(decibels) };
  }

  #bindPoint(band, plot) {
    const { point } = band;
    let grip = null;
    point.addEventListener('pointerdown', (event) => {
      const box = point.getBoundingClientRect();
      // What was taken at its edge stays at its edge.
      grip = { x: event.clientX - box.left - box.width / 2, y: event.clientY - box.top - box.height / 2 };
      point.setPointerCapture(event.pointerId);
      point.focus({ preventScroll: true });
      event.preventDefault();
    });
    point.addEventListener('pointermove', (event) => {
      if (!grip) return;
      const box = plot.getBoundingClientRect();
      const across = (event.clientX - grip.x - box.left) / box.width;
      const up = 1 - (event.clientY - grip.y - box.top) / box.height;
      this.#set(band, { frequency: valueAt(this.#scale, across), ...this.#setHeight(band, valueAt(this.#gain, up)) });
    });
    for (const type of ['pointerup', 'pointercancel']) point.addEventListener(type, () => { grip = null; });
    point.addEventListener('dblclick', () => this.#set(band, { gain: band.gain.default }));
    point.addEventListener('focus', () => this.#select(band));
    point.addEventListener('keydown', (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const part = event.shiftKey ? 1 / 5 : 1;
      const raised = (steps) => this.#setHeight(band, this.#heightOf(band) + steps * STEP_DB * part);
      const moved = (steps) => ({ frequency: Math.min(this.#value(band, 'frequency') * SEMITONE ** (steps * part), this.#scale.maximum) });
      const wider = (steps) => ({ q: this.#value(band, 'q') * STEP_Q ** (steps * part) });
      const values = {
        ArrowUp: () => raised(1), ArrowDown: () => raised(-1), ArrowRight: () => moved(1), ArrowLeft: () => moved(-1),
        PageUp: () => wider(1), PageDown: () => wider(-1), Delete: () => ({ gain: band.gain.default }),
      }[event.key]?.();
      if (!values) return;
      event.preventDefault();
      this.#set(band, values);
    });
  }

  /** Shows the settings of `band` below the curve. */
  #select(band) {
    if (this.#selected === band) return;
    this.#selected = band;
    for (const { number, point } of this.#bands) point.classList.toggle('is-selected', number === band.number);
    const context = `Band ${band.number}`;
    const row = makeElement('label', 'choice', `${context} `);
    const select = makeElement('select', '');
    select.dataset.parameter = `${band.label}.type`;
    this.#types.forEach((type, number) => select.append(new Option(type, number)));
    select.addEventListener('change', () => this.#set(band, { type: Number(select.value) }));
    row.append(select);
    const controls = ['frequency', 'gain', 'q'].map((part) => makeParameterControl(this.#rack, `${band.label}.${part}`, band[part], context));
    this.#controls = [() => { select.value = String(Math.round(this.#value(band, 'type'))); }, ...controls.map(({ show }) => show)];
    this.#controls[0]();
    this.#settings.replaceChildren(row, ...controls.map((control) => control.row));
  }

  /** Brings everything up to date. */
  show() {
    this.#rack.node.getMagnitudeResponse(this.#frequencies, this.#magnitudes);
    // Far below the picture where nothing passes at all.
    const height = (factor) => Math.min((1 - (toDecibels(Math.max(factor, 1e-6)) - this.#gain.minimum) / (this.#gain.maximum - this.#gain.minimum)) * HEIGHT, 2 * HEIGHT);
    const places = Array.from(this.#magnitudes, (factor, index) => `${((index / (POINTS - 1)) * WIDTH).toFixed(1)} ${height(factor).toFixed(1)}`);
    this.#line.setAttribute('d', `M${places.join('L')}`);
    for (const band of this.#bands) {
      const { point } = band;
      const [hertz, decibels, quality] = ['frequency', 'gain', 'q'].map((part) => this.#value(band, part));
      point.style.left = `${(this.#x(hertz) / WIDTH) * 100}%`;
      point.style.top = `${(this.#y(this.#heightOf(band)) / HEIGHT) * 100}%`;
      point.classList.toggle('is-off', this.#typeOf(band) === 'off');
      point.setAttribute('aria-valuenow', decibels.toFixed(1));
      point.setAttribute('aria-valuetext', bandText(this.#typeOf(band), hertz, decibels, quality));
    }
    this.#controls.forEach((show) => show());
  }
}
