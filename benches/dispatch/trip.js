// Round trips to a sleeping thread: a job to a worker of the pool, a message to a worker that echoes it, and a bare
// number to a worker that waits for it, which is the least that waking twice costs.

import { join } from './places.js';

const WARM_UP_ROUNDS = 4;
const THERE = 0;
const BACK = 32;
const LIMIT_MS = 1_000;

/** How long both threads rest before each trip. A short rest leaves the cores and the event loops awake. */
const RESTS = {
  '5 ms': { trips: 10, rest: () => new Promise((resolve) => { setTimeout(resolve, 5); }) },
  '0.2 ms': {
    trips: 40,
    rest() {
      const rested = performance.now() + 0.2;
      while (performance.now() < rested);
    },
  },
};

onmessage = async ({ data: { places, rounds, port, numbers } }) => {
  const exports = await join(places, 0);
  const words = new Int32Array(numbers);
  let number = 0;
  const sides = {
    pool: () => exports.page_there_and_back(places.controller),
    message: () => new Promise((resolve) => {
      port.onmessage = resolve;
      port.postMessage(null);
    }),
    bare() {
      number += 1;
      Atomics.store(words, THERE, number);
      Atomics.notify(words, THERE);
      while (Atomics.load(words, BACK) !== number) Atomics.wait(words, BACK, number - 1, LIMIT_MS);
    },
  };

  /** Microseconds of each trip. */
  async function time(travel, { trips, rest }) {
    const times = [];
    for (let trip = 0; trip < trips; trip += 1) {
      await rest();
      const start = performance.now();
      await travel();
      times.push((performance.now() - start) * 1e3);
    }
    return times;
  }

  const measured = Object.fromEntries(Object.keys(RESTS).map((name) => [name, { pool: [], message: [], bare: [] }]));
  for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
    for (const [name, rest] of Object.entries(RESTS)) {
      for (const [side, travel] of Object.entries(sides)) {
        const times = await time(travel, rest);
        if (round >= 0) measured[name][side].push(times);
      }
    }
  }
  postMessage(measured);
};
