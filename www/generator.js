// Sounds that need no file, to hear and measure what the page does: a sine, a sweep, pink noise, clicks.

import { noise } from './noise.js';

const SWEEP_S = 10;
const SWEEP_HZ = [20, 20_000];
const SWEEP_FADE_S = 0.02;
const NOISE_S = 8;
const NOISE_SEAM_S = 0.25;
const NOISE_RMS = 0.1;
const CLICK_PERIOD_S = 0.5;
const FADE_S = 0.01;

/** A sine whose frequency rises by as many octaves each second. */
function sweep(samples, sampleRate) {
  const [first, last] = SWEEP_HZ;
  const octaves = Math.log(last / first);
  const fade = SWEEP_FADE_S * sampleRate;
  samples.forEach((_, n) => {
    const edge = Math.min(n / fade, (samples.length - n) / fade, 1);
    samples[n] = edge * Math.sin(2 * Math.PI * first * (SWEEP_S / octaves) * Math.expm1((octaves * n) / samples.length));
  });
}

/** As much power in each octave: white noise through a filter that falls by 3 dB per octave, within 0.05 dB above 9 Hz (P. Kellet). */
function pinkNoise(samples, sampleRate, seed) {
  const source = noise(seed);
  const seam = Math.round(NOISE_SEAM_S * sampleRate);
  const b = new Float64Array(7);
  const next = () => {
    const white = source.next().value;
    b[0] = 0.99886 * b[0] + white * 0.0555179;
    b[1] = 0.99332 * b[1] + white * 0.0750759;
    b[2] = 0.969 * b[2] + white * 0.153852;
    b[3] = 0.8665 * b[3] + white * 0.3104856;
    b[4] = 0.55 * b[4] + white * 0.5329522;
    b[5] = -0.7616 * b[5] - white * 0.016898;
    const sum = b[0] + b[1] + b[2] + b[3] + b[4] + b[5] + b[6] + white * 0.5362;
    b[6] = white * 0.115926;
    return sum;
  };
  samples.forEach((_, n) => { samples[n] = next(); });
  // Its end goes over into its beginning: what would follow is faded out there.
  for (let n = 0; n < seam; n += 1) {
    const part = ((n / seam) * Math.PI) / 2;
    samples[n] = samples[n] * Math.sin(part) + next() * Math.cos(part);
  }
  const factor = NOISE_RMS / Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length);
  samples.forEach((x, n) => { samples[n] = x * factor; });
}

const LOOPS = {
  sweep: { lengthS: SWEEP_S, fill: (buffer) => sweep(buffer.getChannelData(0), buffer.sampleRate) },
  pink: { lengthS: NOISE_S, fill: (buffer) => pinkNoise(buffer.getChannelData(0), buffer.sampleRate, 1) },
  clicks: { lengthS: CLICK_PERIOD_S, fill: (buffer) => { buffer.getChannelData(0)[0] = 1; } },
};

/** One of these sounds at a time, into `destination`. */
export class Generator {
  #context;
  #level;
  #source = null;
  #loops = new Map();
  #frequencyHz = 440;

  constructor(context, destination) {
    this.#context = context;
    this.#level = new GainNode(context, { gain: 0 });
    this.#level.connect(destination);
  }

  /** The sine's. */
  set frequencyHz(hertz) {
    this.#frequencyHz = hertz;
    if (this.#source instanceof OscillatorNode) this.#source.frequency.setTargetAtTime(hertz, this.#context.currentTime, FADE_S);
  }

  /** Linear. */
  set level(level) {
    this.#level.gain.setTargetAtTime(level, this.#context.currentTime, FADE_S);
  }

  /** Sounds: `sine`, `sweep`, `pink`, `clicks`; or `off`. */
  play(kind) {
    this.#source?.stop();
    this.#source?.disconnect();
    this.#source = kind === 'off' ? null : this.#make(kind);
    this.#source?.connect(this.#level);
    this.#source?.start();
  }

  #make(kind) {
    if (kind === 'sine') return new OscillatorNode(this.#context, { frequency: this.#frequencyHz });
    const { lengthS, fill } = LOOPS[kind];
    if (!this.#loops.has(kind)) {
      const { sampleRate } = this.#context;
      const buffer = new AudioBuffer({ length: Math.round(lengthS * sampleRate), sampleRate });
      fill(buffer);
      this.#loops.set(kind, buffer);
    }
    return new AudioBufferSourceNode(this.#context, { buffer: this.#loops.get(kind), loop: true });
  }
}
