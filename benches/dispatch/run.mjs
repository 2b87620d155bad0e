// Giving jobs away: what a post costs the audio thread, how long a job takes there and back, how long until a worker
// begins what the audio thread has posted without waking anybody. Chromium, headless.
//
//   node benches/dispatch/run.mjs [--json] [--rounds N]

import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onPage } from '../browser.mjs';
import { options } from '../options.mjs';
import { compare, compareBest, machine, print, within } from '../report.mjs';
import { median, midmean, quantile } from '../statistics.mjs';
import { traced } from '../trace.mjs';
import { delays } from './trace.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const target = process.env.CARGO_TARGET_DIR ?? join(here, '../../target');
const module = join(target, 'engine/wasm32-unknown-unknown/wasm/rusty_audio_bench_module.wasm');

const LIVE_SECONDS = 12;
const HINTS = ['interactive', 'playback'];
// Every slice of 0.1 ms another job: more than a worker can ever be given.
const JOBS_PER_SECOND = 10_000;

function costRows({ post, store, sampled, unsampled }) {
  const telemetry = sampled.map((nanoseconds, round) => (nanoseconds - unsampled[round]) * JOBS_PER_SECOND / 1e9 * 100);
  const parts = [0, 1, 2, 3].map((part) => median(telemetry.filter((_, round) => round % 4 === part)));
  return [
    compare({ bench: 'dispatch', case: 'posting a job', peer: 'one atomic store', unit: 'ns', better: 'less', ours: post, theirs: store, goal: 1 / 20 }),
    within({
      bench: 'dispatch', case: `a worker's telemetry, ${JOBS_PER_SECOND} jobs/s`, unit: '% of a core', limit: 1,
      figure: median(telemetry), groups: parts,
    }),
  ];
}

function spinningRows({ board, bare }) {
  const measured = { bench: 'dispatch', case: 'there and back, spinning', peer: 'bare ping-pong', unit: 'ns', better: 'less', ours: board, theirs: bare, goal: 1 / 2 };
  return [compare(measured), compareBest(measured)];
}

function asleepRows(measured) {
  return Object.entries(measured).flatMap(([rest, { pool, message, bare }]) => {
    const row = (peer, theirs, goal) => compare({
      bench: 'dispatch', case: `there and back, worker asleep for ${rest}`, peer, unit: 'µs', better: 'less',
      ours: pool.map(midmean), theirs: theirs.map(midmean), goal,
    });
    return [row('MessageChannel', message, 4), row('bare timed wait, notify', bare, 1 / 2)];
  });
}

function liveRows(hint, { stamps }) {
  const late = delays(stamps);
  const groups = [0, 1, 2, 3].map((part) => late.slice(late.length * part / 4, late.length * (part + 1) / 4));
  return [0.5, 0.99].map((share) => within({
    bench: 'dispatch', case: `posted live until begun, ${hint}, ${100 * share} %`, unit: 'ms', limit: 2,
    figure: quantile(late, share), groups: groups.map((group) => quantile(group, share)),
  }));
}

async function main() {
  const { json, rounds } = options({ rounds: 64 });
  const before = machine();
  const { measured: { rows, shares }, version } = await onPage({
    folder: here,
    files: { 'module.wasm': module },
    flags: ['--autoplay-policy=no-user-gesture-required'],
    measure: async (page) => {
      const measure = (name) => page.evaluate(([which, count]) => globalThis[which](count), [name, rounds]);
      const found = [
        ...costRows(await measure('measureCosts')),
        ...spinningRows(await measure('measureSpinning')),
        ...asleepRows(await measure('measureAsleep')),
      ];
      const given = [];
      for (const hint of HINTS) {
        const live = await traced(page.context().browser(), () => page.evaluate(([of, seconds]) => globalThis.postLive(of, seconds), [hint, LIVE_SECONDS]));
        found.push(...liveRows(hint, live));
        given.push(`${hint} ${live.result.byWorkers} of ${live.result.posted}`);
      }
      return { rows: found, shares: given };
    },
  });
  print(rows, {
    json,
    notes: [
      `${before}; Chromium ${version}; ${rounds} rounds; live with one worker on a 10 ms device clock.`,
      `Jobs that workers computed, live: ${shares.join(', ')}; the audio thread computed the rest itself.`,
      'No wake-up can be reached from a post: scripts/bench.sh proves it on this module.',
      'Medians, and the 10 % to 90 % spread of the ratios of the rounds; of the figures with a limit, that of four parts.',
      'Timings of two threads depend on which cores they share with what: on fewer than four cores they are indicative.',
    ],
  });
}

await main();
