// Impulse responses of places that never were, computed: a few early reflections from the walls, then noise that decays, its treble
// first. The direct sound is not in them: the rack adds them to the dry sound.

import { noise } from './noise.js';

/**
 * By name. The decay is the time for 60 dB; the diffuse part begins at the onset and rises; its cutoff falls from the first to the last.
 * Reflections are delay in milliseconds, linear level, and place from −1 (left) to 1 (right); no two delays have a common divisor worth
 * hearing. `earlyShare` is their part of the energy. A plate has none: its waves run fast and the treble first, so it is dense at once.
 */
const PLACES = {
  room: {
    label: 'Room', lengthS: 0.18, decayS: 0.42, onsetS: 0.012, riseS: 0.02, fadeOutS: 0.05, cutoffsHz: [7500, 2200], lowCutHz: 140, earlyShare: 0.3,
    reflections: [
      [8.3, 0.5, -0.6], [11.9, -0.46, 0.7], [16.7, 0.4, -0.2], [20.3, 0.36, 0.4],
      [26.9, -0.31, -0.8], [31.7, 0.28, 0.8], [38.3, 0.24, 0.1], [45.1, -0.2, -0.4],
    ],
  },
  hall: {
    label: 'Hall', lengthS: 2.2, decayS: 2.1, onsetS: 0.035, riseS: 0.09, fadeOutS: 0.3, cutoffsHz: [6500, 900], lowCutHz: 90, earlyShare: 0.12,
    reflections: [
      [19.1, 0.5, -0.5], [23.7, -0.47, 0.6], [31.3, 0.41, -0.9], [37.9, 0.38, 0.8], [46.1, -0.34, -0.2],
      [55.7, 0.3, 0.3], [68.3, -0.26, -0.7], [79.9, 0.23, 0.7], [94.3, 0.2, 0],
    ],
  },
  plate: {
    label: 'Plate', lengthS: 1.4, decayS: 1.3, onsetS: 0, riseS: 0.004, fadeOutS: 0.2, cutoffsHz: [14_000, 4500], lowCutHz: 180, earlyShare: 0,
    reflections: [],
  },
};

const REFLECTION_CUTOFF_HZ = 6000;
// Music has most of its energy below this, and that is where the level is matched.
const MATCHED_BELOW_HZ = 1000;

/** What there is, by name: the label of each. */
export const RESPONSES = Object.fromEntries(Object.entries(PLACES).map(([name, { label }]) => [name, label]));

/** `y[n] = y[n-1] + a (x[n] - y[n-1])`, with a cutoff in Hz that may depend on the time in seconds. */
function lowPass(samples, sampleRate, cutoffAt) {
  let y = 0;
  return samples.map((x, n) => {
    y += (1 - Math.exp((-2 * Math.PI * cutoffAt(n / sampleRate)) / sampleRate)) * (x - y);
    return y;
  });
}

const energyOf = (samples) => samples.reduce((sum, x) => sum + x * x, 0);

function scaled(samples, energy) {
  const own = energyOf(samples);
  const factor = own > 0 ? Math.sqrt(energy / own) : 0;
  return samples.map((x) => x * factor);
}

function early({ reflections }, frames, sampleRate, side) {
  const samples = new Float32Array(frames);
  for (const [milliseconds, level, place] of reflections) {
    const frame = Math.round((milliseconds / 1000) * sampleRate);
    if (frame < frames) samples[frame] = level * Math.sqrt((1 + side * place) / 2);
  }
  return lowPass(samples, sampleRate, () => REFLECTION_CUTOFF_HZ);
}

function diffuse({ onsetS, riseS, decayS, lengthS, cutoffsHz: [first, last] }, frames, sampleRate, seed) {
  const source = noise(seed);
  const samples = new Float32Array(frames).map((_, n) => {
    const seconds = n / sampleRate;
    const rise = Math.min(Math.max((seconds - onsetS) / riseS, 0), 1);
    return source.next().value * rise * 10 ** ((-3 * seconds) / decayS);
  });
  return lowPass(samples, sampleRate, (seconds) => first * (last / first) ** (seconds / lengthS));
}

function channel(place, frames, sampleRate, side) {
  const { earlyShare, lowCutHz, fadeOutS } = place;
  const reflected = scaled(early(place, frames, sampleRate, side), earlyShare);
  const late = scaled(diffuse(place, frames, sampleRate, side < 0 ? 1 : 2), 1 - earlyShare);
  const sum = reflected.map((x, n) => x + late[n]);
  const low = lowPass(sum, sampleRate, () => lowCutHz);
  const shaped = sum.map((x, n) => {
    const rest = Math.min((frames - n) / (fadeOutS * sampleRate), 1);
    return (x - low[n]) * Math.sin((Math.PI / 2) * rest) ** 2;
  });
  const matched = lowPass(shaped, sampleRate, () => MATCHED_BELOW_HZ);
  const impulse = lowPass(new Float32Array(frames).fill(1, 0, 1), sampleRate, () => MATCHED_BELOW_HZ);
  const factor = Math.sqrt(energyOf(impulse) / energyOf(matched));
  return shaped.map((x) => x * factor);
}

/** The response of that name as an `AudioBuffer` of two channels at the rate of `context`; as loud as what it is given. */
export function impulseResponse(context, name) {
  const { sampleRate } = context;
  const place = PLACES[name];
  const frames = Math.round(place.lengthS * sampleRate);
  const buffer = context.createBuffer(2, frames, sampleRate);
  [-1, 1].forEach((side, index) => buffer.copyToChannel(channel(place, frames, sampleRate, side), index));
  return buffer;
}
