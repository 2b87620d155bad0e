// What is convolved with what.

export const SAMPLE_RATE = 48_000;

/** Numbers from −1 to 1, the same for the same seed. */
export function noise(length, seed) {
  let state = seed;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return state / 2 ** 31;
  });
}

/** Two channels of noise that decays by 60 dB. */
export function response(seconds) {
  const length = Math.round(seconds * SAMPLE_RATE);
  return [1, 2].map((seed) => noise(length, seed).map((value, n) => value * 10 ** (-3 * n / length) / 50));
}

/** Root mean square of the difference, as a share of that of `exact`. */
export function relativeError(samples, exact) {
  const power = (value) => exact.reduce((sum, _, n) => sum + value(n) ** 2, 0);
  return Math.sqrt(power((n) => samples[n] - exact[n]) / power((n) => exact[n]));
}
