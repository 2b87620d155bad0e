// The convolver against ConvolverNode, offline, and against fft-convolver, on one thread; what the audio thread spends
// on it, in instructions; who computes the tail, live. Chromium, headless.
//
//   node benches/convolver/run.mjs [--json] [--rounds N]

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onPage } from '../browser.mjs';
import { options } from '../options.mjs';
import { compare, machine, print, within } from '../report.mjs';
import { median } from '../statistics.mjs';
import { count } from './counts.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const target = process.env.CARGO_TARGET_DIR ?? join(here, '../../target');

/** Seconds of a response, and how many times cheaper than ConvolverNode ours should be. */
const OFFLINE = [[0.1, 1], [1, 4], [10, 15]];
const RAW_SECONDS = 1;
const LONG_SECONDS = 10;
const SHORT_SECONDS = 0.1;
// Longer than the response, so that all of it has input.
const LIVE = { settling: 12, seconds: 12 };

const sum = (values) => values.reduce((total, value) => total + value, 0);
const mean = (values) => sum(values) / values.length;
const quarters = (values) => [0, 1, 2, 3].map((part) => values.slice(values.length * part / 4, values.length * (part + 1) / 4));

async function inBrowser(measure, ...given) {
  return onPage({
    folder: here,
    files: {
      package: join(target, 'package'),
      'warm.js': join(here, '../warm.js'),
      'engine.mjs': join(here, '../../scripts/proof/engine.mjs'),
      'peers.wasm': join(target, 'page/wasm32-unknown-unknown/wasm/rusty_audio_bench_peers.wasm'),
    },
    flags: ['--autoplay-policy=no-user-gesture-required'],
    measure: (page) => page.evaluate(([which, values]) => globalThis[which](...values), [measure, given]),
  });
}

async function offlineRows(rounds) {
  const rows = [];
  for (const [seconds, goal] of OFFLINE) {
    const { measured: { ours, empty, theirs, nothing } } = await inBrowser('measureOffline', seconds, rounds);
    const alone = (figures) => figures.map((figure, round) => figure - nothing[round]);
    const row = (name, figures) => compare({
      bench: 'convolver', case: name, peer: `ConvolverNode, ${seconds} s`, unit: 'µs/quantum', better: 'less',
      ours: alone(figures), theirs: alone(theirs), goal,
    });
    rows.push(row(`response of ${seconds} s, offline`, ours), row('no response, offline', empty));
  }
  return rows;
}

async function rawRow(rounds) {
  const { measured: { ours, theirs } } = await inBrowser('measureRaw', RAW_SECONDS, rounds);
  return compare({
    bench: 'convolver', case: `response of ${RAW_SECONDS} s, one thread`, peer: 'fft-convolver 0.4.0', unit: 'µs/quantum', better: 'less',
    ours, theirs, goal: 15,
  });
}

function countedRows() {
  const module = new WebAssembly.Module(readFileSync(join(target, 'counted.wasm')));
  const helped = Object.fromEntries([SHORT_SECONDS, LONG_SECONDS].map((seconds) => [seconds, count(module, seconds, { helped: true })]));
  const thousands = (counts) => counts.map((instructions) => instructions / 1000);
  const even = (name, counts) => within({
    bench: 'convolver', case: `dearest quantum, ${LONG_SECONDS} s, ${name}`, unit: 'medians', limit: 2,
    figure: Math.max(...counts) / median(counts), groups: quarters(counts).map((part) => Math.max(...part) / median(counts)),
  });
  return [
    compare({
      bench: 'convolver', case: `audio thread, ${LONG_SECONDS} s, a worker helps`, peer: `${SHORT_SECONDS} s`, unit: '1000 instr./quantum', better: 'less',
      ours: quarters(thousands(helped[LONG_SECONDS])).map(mean), theirs: quarters(thousands(helped[SHORT_SECONDS])).map(mean), goal: 1 / 1.05,
    }),
    even('a worker helps', helped[LONG_SECONDS]),
    even('alone', count(module, LONG_SECONDS, { helped: false })),
  ];
}

/** The jobs that workers have computed, as a share of all. */
async function liveRow() {
  const { measured: counts, version } = await inBrowser('measureLive', LONG_SECONDS, LIVE.settling, LIVE.seconds);
  const share = (parts) => sum(parts.map(({ byWorkers }) => byWorkers)) / sum(parts.flatMap(Object.values));
  const [figure, groups] = [share(counts), quarters(counts).map(share)];
  const row = {
    bench: 'convolver', case: `jobs by 2 workers, ${LONG_SECONDS} s, live`, peer: 'all jobs', unit: 'share', ours: figure, theirs: 1, ratio: figure,
    low: Math.min(...groups), high: Math.max(...groups), goal: 0.9, met: figure >= 0.9,
  };
  const total = Object.fromEntries(Object.keys(counts[0]).map((name) => [name, sum(counts.map((count) => count[name]))]));
  return { row, total, version };
}

async function main() {
  const { json, rounds } = options({ rounds: 8 });
  const before = machine();
  const rows = [...await offlineRows(rounds), await rawRow(4 * rounds), ...countedRows()];
  const live = await liveRow();
  print([...rows, live.row], {
    json,
    notes: [
      `${before}; Chromium ${live.version}; stereo at 48 kHz; ${rounds} interleaved rounds of 20 s offline, ${4 * rounds} of 2048 quanta on one thread.`,
      'Offline, all is computed by the thread that renders; source and destination are taken off.',
      'The node without a response bounds what one with any response can reach.',
      'Instructions are WebAssembly\'s, and exact; the worker takes its turns between quanta.',
      `Jobs of ${LIVE.seconds} s live: ${Object.entries(live.total).map(([name, number]) => `${name} ${number}`).join(', ')}.`,
      'Medians, and the 10 % to 90 % spread of the ratios of the rounds; of parts of the measurement where nothing is compared.',
    ],
  });
}

await main();
