// A low-pass for comparing resampled sounds: resamplers agree below the edge of the narrower band, and
// each has its own slope above it.

import { frameCount } from './sound.mjs';

/** Half the length of the filter; longer by far than its slope of 4 kHz needs. */
const REACH = 64;

/** Passes what lies below 16 kHz, by a sinc under a Kaiser window of -100 dB; nothing is delayed. */
export function lowPassed(sound, sampleRate, edgeHz = 16_000) {
  const beta = 10;
  const kernel = Float64Array.from({ length: 2 * REACH + 1 }, (_, i) => {
    const n = i - REACH;
    const cutoff = (2 * edgeHz) / sampleRate;
    const sinc = n === 0 ? cutoff : Math.sin(Math.PI * cutoff * n) / (Math.PI * n);
    return sinc * bessel(beta * Math.sqrt(1 - (n / REACH) ** 2)) / bessel(beta);
  });
  const filtered = (plane) => {
    const output = new Float32Array(plane.length);
    for (let frame = 0; frame < plane.length; frame += 1) {
      const first = Math.max(0, frame - REACH);
      const last = Math.min(plane.length - 1, frame + REACH);
      let sum = 0;
      for (let place = first; place <= last; place += 1) sum += plane[place] * kernel[place - frame + REACH];
      output[frame] = sum;
    }
    return output;
  };
  return frameCount(sound) === 0 ? sound : { left: filtered(sound.left), right: filtered(sound.right) };
}

/** The modified Bessel function of the first kind and order 0, by its power series. */
function bessel(x) {
  let term = 1;
  let sum = 1;
  for (let k = 1; term > sum * 1e-16; k += 1) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}
