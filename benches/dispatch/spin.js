// Round trips between two spinning threads: a job on the board, and a bare number.

import { join } from './places.js';

const TRIPS = 2_000;
const WARM_UP_ROUNDS = 8;

onmessage = async ({ data: { places, role, rounds } }) => {
  const exports = await join(places, role === 'ping' ? 0 : 1);
  const { poster, claimer, words } = places;
  const sides = role === 'ping'
    ? { board: () => exports.board_ping(poster, TRIPS), bare: () => exports.bare_ping(words, TRIPS) }
    : { board: () => exports.board_pong(claimer, TRIPS), bare: () => exports.bare_pong(words, TRIPS) };
  const measured = { board: [], bare: [] };
  for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
    for (const [name, run] of Object.entries(sides)) {
      // Both threads are here after this.
      if (role === 'ping') exports.bare_ping(words, 10);
      else exports.bare_pong(words, 10);
      const start = performance.now();
      run();
      if (round >= 0) measured[name].push((performance.now() - start) * 1e6 / TRIPS);
    }
  }
  postMessage(measured);
};
