// Before anything is timed: every transform is compared with one in double precision.

import { noise, relativeError, transform, transformReal } from './exact.js';

const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8];
// Twenty times what a good transform in single precision has.
const MOST = 2e-6;

function must(error, what, most = MOST) {
  if (!(error < most)) throw new Error(`${what} is wrong: relative error ${error}.`);
  return error;
}

/** Resolves to the errors of our and pffft's transform of `size`, one for each of several inputs. */
export function check(size, { ours, pffft, realfft, microfft }) {
  const errors = { ours: [], pffft: [] };
  for (const seed of SEEDS) {
    const samples = noise(size, seed);
    const exact = transformReal(samples);
    for (const [name, contender] of Object.entries({ ours, pffft, realfft, microfft })) {
      if (!contender) continue;
      contender.input.set(samples);
      contender.run.forward(1);
      const error = must(relativeError(contender.bins(), exact), `${name}, ${size}`);
      errors[name]?.push(error);
    }
  }
  for (const contender of [ours, pffft]) inverses(contender, size);
  surroundings(ours, pffft, size);
  complex(ours, size);
  // Zeros stay zeros: nobody is measured with numbers that grow without end.
  if (realfft) realfft.input.fill(0);
  return errors;
}

function inverses({ run, input, output }, size) {
  const scaled = Float64Array.from(input, (sample) => sample * size);
  run.inverse(1);
  must(relativeError(output, scaled), `The inverse, ${size}`);
  output.fill(0);
  run.pair(1);
  must(relativeError(output, scaled), `The unordered pair, ${size}`);
}

function surroundings(ours, pffft, size) {
  const hann = Float32Array.from({ length: size }, (_, n) => 0.5 - 0.5 * Math.cos(2 * Math.PI * n / size));
  for (const contender of [ours, pffft]) {
    contender.window.set(hann);
    contender.smoothed.fill(0);
    contender.run.window?.(1);
  }
  const exact = transformReal(Float64Array.from(hann, (factor, n) => factor * ours.input[n]));
  const power = Float64Array.from({ length: size / 2 + 1 }, (_, bin) => exact[2 * bin] ** 2 + exact[2 * bin + 1] ** 2);
  ours.run.power(1);
  must(relativeError(ours.power, power), `The power, ${size}`);
  for (const contender of [ours, pffft]) {
    contender.run.decibels(1);
    contender.decibels.forEach((level, bin) => must(Math.abs(level - 10 * Math.log10(0.2 * power[bin])), `Bin ${bin} in decibels, ${size}`, 0.05));
  }
}

function complex({ run, complexInput, complexOutput, input }, size) {
  const before = input.slice();
  complexInput.set(noise(2 * size, 9));
  const exact = transform(complexInput);
  run.complex(1);
  must(relativeError(complexOutput, exact), `The complex transform, ${size}`);
  complexInput.set(complexOutput);
  run.complexInverse(1);
  must(relativeError(complexOutput.map((value) => value / size), noise(2 * size, 9)), `The complex inverse, ${size}`);
  complexInput.fill(0);
  input.set(before);
}
