// Round trips to a sleeping thread: a job to a worker of the pool, and a message to a worker that echoes it.

import { join } from './places.js';

const TRIPS = 40;
const WARM_UP_ROUNDS = 4;
// Long enough for the other to fall asleep, short enough for the pool's timekeeper not to wake by itself every time.
const REST_MS = 0.2;

onmessage = async ({ data: { places, rounds, port } }) => {
  const exports = await join(places, 0);
  const message = () => new Promise((resolve) => {
    port.onmessage = resolve;
    port.postMessage(null);
  });
  const sides = { pool: () => exports.page_there_and_back(places.controller), message };

  /** Microseconds of each of `TRIPS` trips. */
  async function trips(travel) {
    const times = [];
    for (let trip = 0; trip < TRIPS; trip += 1) {
      const rested = performance.now() + REST_MS;
      while (performance.now() < rested);
      const start = performance.now();
      await travel();
      times.push((performance.now() - start) * 1e3);
    }
    return times;
  }

  const measured = { pool: [], message: [] };
  for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
    for (const [name, travel] of Object.entries(sides)) {
      const times = await trips(travel);
      if (round >= 0) measured[name].push(times);
    }
  }
  postMessage(measured);
};
