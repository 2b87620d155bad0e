// Checks every transform of every size, then times them in interleaved rounds.

import { check } from './check.js';
import { open as openOurs } from './ours.js';
import { open as openPeers } from './peers.js';
import { open as openPffft } from './pffft.js';

// microfft has no longer transform.
const MICROFFT_MOST = 32_768;
// Until the browser has compiled everything for speed.
const WARM_UP_CALLS = 12_000;
const WARM_UP_MS = 400;
const BATCH_MS = 3;

function timed(run, times) {
  const start = performance.now();
  run(times);
  return (performance.now() - start) * 1e6 / times;
}

/** Calls until all is compiled; gives how many make a batch. */
function warmUp(run) {
  let calls = 0;
  const start = performance.now();
  while (calls < WARM_UP_CALLS && (performance.now() - start < WARM_UP_MS || calls < WARM_UP_CALLS / 10)) {
    run(64);
    calls += 64;
  }
  // Long enough for a coarse clock.
  let times = 1;
  while (timed(run, times) * times < BATCH_MS * 1e6 / 4) times *= 2;
  return Math.max(1, Math.round(BATCH_MS * 1e6 / timed(run, times)));
}

onmessage = async ({ data: { sizes, rounds } }) => {
  const [ours, pffft, peers] = [await openOurs(), await openPffft(), await openPeers()];
  const contenders = sizes.map((size) => {
    const { realfft, microfft } = peers(size);
    return { ours: ours(size), pffft: pffft(size), realfft, ...(size <= MICROFFT_MOST ? { microfft } : {}) };
  });
  const errors = sizes.map((size, index) => check(size, contenders[index]));
  if (rounds === 0) {
    postMessage({ errors });
    return;
  }

  // One figure for each contender, task and round.
  const figures = sizes.map((_, index) => Object.fromEntries(Object.entries(contenders[index]).map(([name, { run }]) => (
    [name, Object.fromEntries(Object.keys(run).map((task) => [task, []]))]))));
  const runs = sizes.map((_, index) => Object.entries(contenders[index]).flatMap(([name, { run }]) => (
    Object.entries(run).map(([task, call]) => ({ call, times: warmUp(call), into: figures[index][name][task] })))));
  for (let round = 0; round < rounds; round += 1) {
    for (const each of runs) {
      const order = round % 2 === 0 ? each : each.toReversed();
      for (const { call, times, into } of order) into.push(timed(call, times));
    }
  }
  postMessage({ errors, figures });
};
