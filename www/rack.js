// The rack: one node of effects, through which everything on the page sounds.

import { impulseResponse, RESPONSES } from './impulse_responses.js';

/** In this order. The meter measures what comes out of it all. */
const EFFECTS = [{ effect: 'equalizer', bands: 6 }, 'compressor', 'delay', 'stereoWidth', 'convolver', 'limiter', 'meter'];
/** Nobody is to set these. */
const CONSTANTS = { 'meter.reset': 0, 'meter.bypass': 0 };

/**
 * Effects with a state that is data: AudioParams by their names, and the name of an impulse response. Fires `change` when any of it has
 * changed.
 */
export class Rack extends EventTarget {
  #presets;
  #response = '';

  /** Use {@link Rack.create}. */
  constructor(engine, node, presets) {
    super();
    this.node = node;
    this.descriptions = engine.effects;
    this.#presets = presets;
  }

  /** Makes the rack of `engine` with the first of `presets`; the others say only what is different in them. */
  static async create(engine, presets) {
    const node = await engine.createNode({ effects: EFFECTS, constants: CONSTANTS });
    const rack = new Rack(engine, node, presets);
    await rack.apply(presets[0]);
    return rack;
  }

  /** The presets that there are. */
  get presets() {
    return this.#presets;
  }

  /** Name of the impulse response. */
  get response() {
    return this.#response;
  }

  /** Value of the AudioParam of that name. */
  get(name) {
    return this.node.parameters.get(name).value;
  }

  /** Sets AudioParams by name; throws what the package throws. */
  set(values) {
    this.node.setParameters(values);
    this.dispatchEvent(new Event('change'));
  }

  /** Gives the convolver the impulse response of that name. */
  async setResponse(name) {
    checkResponse(name);
    if (name === this.#response) return;
    await this.node.setImpulseResponse(impulseResponse(this.node.context, name), { normalize: false });
    this.#response = name;
    this.dispatchEvent(new Event('change'));
  }

  /** What is different from the first preset: to be kept as JSON and given to {@link Rack.apply}. */
  get preset() {
    const base = this.#base();
    const parameters = [...this.node.parameters].filter(([name, { value }]) => value !== Math.fround(base.get(name))).map(([name, { value }]) => [name, tidy(value)]);
    const preset = { parameters: Object.fromEntries(parameters) };
    if (this.#response !== this.#presets[0].response) preset.response = this.#response;
    return preset;
  }

  /** Sets everything as `preset` says; throws what the package throws, and then nothing has changed. */
  async apply({ parameters = {}, response = this.#presets[0].response }) {
    checkResponse(response);
    const values = this.#base();
    for (const [name, value] of Object.entries(parameters)) values.set(name, value);
    this.set(Object.fromEntries(values));
    await this.setResponse(response);
  }

  /** What the first preset is, by the names of AudioParams. In WebKitGTK 2.50 those are no good as the keys of an object that has them already. */
  #base() {
    const values = new Map([...this.node.parameters].map(([name, { defaultValue }]) => [name, defaultValue]));
    for (const [name, value] of Object.entries(this.#presets[0].parameters)) values.set(name, value);
    return values;
  }
}

function checkResponse(name) {
  if (Object.hasOwn(RESPONSES, name)) return;
  const advice = `There are ${Object.keys(RESPONSES).join(', ')}.`;
  throw Object.assign(new Error(`There is no impulse response called "${name}".`), { code: 'invalid-preset', advice });
}

/** The shortest decimal that is the same `f32`. */
function tidy(value) {
  for (let digits = 1; digits < 9; digits += 1) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}
