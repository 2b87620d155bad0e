// What a post costs the audio thread, and what its telemetry costs a worker. All on one thread, so that nobody else
// touches the words.

import { join } from './places.js';

const BATCH = 16;
const BATCHES = 2_000;
// As many stores as take about as long as a batch of posts.
const STORES = 128;
const INTERRUPTED_MS = 0.05;
const WARM_UP_ROUNDS = 8;

onmessage = async ({ data: { places, rounds } }) => {
  const exports = await join(places, 0);
  const { audio, controller, worker, words } = places;
  let now = 0;
  function turn() {
    now += 0.01;
    exports.worker_turn(worker, now);
  }

  /**
   * Nanoseconds of `timed`, without those of a look at the clock: the mean over many calls, each between two looks,
   * whose steps of 5 µs average out. Calls that something interrupted are left out.
   */
  function each(prepare, timed) {
    let sum = 0;
    let count = 0;
    for (let batch = 0; batch < BATCHES; batch += 1) {
      prepare();
      const start = performance.now();
      timed();
      const middle = performance.now();
      const end = performance.now();
      if (end - start > INTERRUPTED_MS) continue;
      sum += 2 * middle - start - end;
      count += 1;
    }
    return sum * 1e6 / count;
  }

  // The worker's stamp lets the dispatcher believe in the pool; it takes one job.
  const cleared = () => { turn(); exports.rt_collect(audio); exports.rt_begin_quantum(audio); };
  const measures = {
    post: () => each(cleared, () => exports.rt_post(audio, BATCH)) / BATCH,
    store: () => each(() => {}, () => exports.rt_store(words, STORES)) / STORES,
    sampled: () => turns(1),
    unsampled: () => turns(0),
  };

  /** Nanoseconds of a turn that ends one job and begins the next. */
  function turns(period) {
    exports.page_sample_every(controller, period);
    // No more turns than there are jobs: a turn without work waits.
    return each(
      () => { exports.rt_collect(audio); exports.rt_begin_quantum(audio); exports.rt_post(audio, BATCH); turn(); },
      () => { for (let count = 0; count < BATCH - 1; count += 1) turn(); },
    ) / (BATCH - 1);
  }

  const measured = Object.fromEntries(Object.keys(measures).map((name) => [name, []]));
  // The dispatcher watches the pool's clock for a while before it trusts it.
  for (let quantum = 0; quantum < 200; quantum += 1) {
    exports.rt_post(audio, 1);
    cleared();
  }
  for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
    for (const [name, measure] of Object.entries(measures)) {
      const figure = measure();
      if (round >= 0) measured[name].push(figure);
    }
  }
  postMessage(measured);
};
