// White noise.

/** Numbers from −1 to 1, the same every time for the same `seed`. */
export function* noise(seed) {
  let state = seed;
  for (;;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 31 - 1;
  }
}
