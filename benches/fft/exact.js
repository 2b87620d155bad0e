// A transform in double precision, and how far others are from it.

/** Noise between -1 and 1, exact in single precision and the same everywhere. */
export function noise(count, seed) {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 16) / 32_768 - 1;
  });
}

/** The bins of complex numbers, real and imaginary part in turn, by halves. */
export function transform(numbers) {
  const size = numbers.length / 2;
  if (size === 1) return Float64Array.from(numbers);
  const [even, odd] = [0, 1].map((first) => transform(Float64Array.from({ length: size }, (_, index) => numbers[2 * (2 * (index >> 1) + first) + index % 2])));
  const bins = new Float64Array(2 * size);
  for (let k = 0; k < size / 2; k += 1) {
    const [cos, sin] = [Math.cos(-2 * Math.PI * k / size), Math.sin(-2 * Math.PI * k / size)];
    const re = odd[2 * k] * cos - odd[2 * k + 1] * sin;
    const im = odd[2 * k] * sin + odd[2 * k + 1] * cos;
    bins[2 * k] = even[2 * k] + re;
    bins[2 * k + 1] = even[2 * k + 1] + im;
    bins[size + 2 * k] = even[2 * k] - re;
    bins[size + 2 * k + 1] = even[2 * k + 1] - im;
  }
  return bins;
}

/** The bins 0 to half the size of real samples. */
export function transformReal(samples) {
  const size = samples.length;
  return transform(Float64Array.from({ length: 2 * size }, (_, index) => (index % 2 === 0 ? samples[index / 2] : 0))).subarray(0, size + 2);
}

/** The root of the mean squared error, relative to that of the values. */
export function relativeError(values, exact) {
  if (values.length !== exact.length) throw new Error(`${values.length} values, ${exact.length} expected.`);
  const [error, energy] = exact.reduce(([sum, all], value, index) => [sum + (values[index] - value) ** 2, all + value ** 2], [0, 0]);
  return Math.sqrt(error / energy);
}
