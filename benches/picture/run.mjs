// What a picture costs the main thread: the data of a frame against AnalyserNode, whole frames against audiomotion-analyzer.
// Chromium, headless, with WebGPU on a software adapter: its work is done by another process, so this is not about frame rates.
//
//   node benches/picture/run.mjs [--json] [--rounds N] [--soak]

import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WEBGPU_FLAGS, onPage } from '../browser.mjs';
import { options } from '../options.mjs';
import { compare, machine, print, within } from '../report.mjs';
import { median } from '../statistics.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const target = process.env.CARGO_TARGET_DIR ?? join(here, '../../target');
const READS = 40;
const REPAINTS = 120;
const SOAK_MINUTES = 10;
const ARMS = ['nothing', 'ours', 'theirs'];

/** Seconds that the main thread of a page has been busy. */
async function busySeconds(session) {
  const { metrics } = await session.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'TaskDuration').value;
}

/** Bytes of the page's JavaScript heap when all garbage is gone. */
async function heapBytes(session) {
  await session.send('HeapProfiler.collectGarbage');
  return (await session.send('Runtime.getHeapUsage')).usedSize;
}

async function measure(page, rounds, minutes) {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const data = { ours: [], theirs: [] };
  const frames = { nothing: [], ours: [], theirs: [] };
  for (let round = 0; round < rounds; round += 1) {
    const read = await page.evaluate((count) => globalThis.measureData(count), READS);
    for (const arm of Object.keys(data)) data[arm].push(median(read[arm]));
    for (const arm of round % 2 === 1 ? ARMS.toReversed() : ARMS) {
      await page.evaluate((name) => globalThis.begin(name), arm);
      const before = await busySeconds(session);
      await page.evaluate((count) => globalThis.repaints(count), REPAINTS);
      frames[arm].push((await busySeconds(session) - before) * 1e6 / REPAINTS);
    }
  }
  await page.evaluate(() => globalThis.begin('ours'));
  const facts = await page.evaluate(() => globalThis.facts());
  const heap = [];
  for (let minute = 0; minute <= minutes; minute += 1) {
    if (minute > 0) await page.waitForTimeout(60_000);
    heap.push(await heapBytes(session));
  }
  const { wasmBytes } = await page.evaluate(() => globalThis.facts());
  return { data, frames, facts, heap, wasmGrowth: wasmBytes - facts.wasmBytes };
}

async function main() {
  const { json, rounds, soak } = options({ rounds: 12, switches: ['soak'] });
  const before = machine();
  const minutes = soak ? SOAK_MINUTES : 0;
  const { measured: { data, frames, facts, heap, wasmGrowth }, version } = await onPage({
    folder: here,
    files: { package: join(target, 'package'), peer: join(target, 'peers/node_modules/audiomotion-analyzer/src') },
    flags: ['--autoplay-policy=no-user-gesture-required', ...WEBGPU_FLAGS],
    limitMs: 180_000 + rounds * 15_000 + minutes * 60_000,
    measure: (page) => measure(page, rounds, minutes),
  });
  const alone = (arm) => frames[arm].map((us, round) => us - frames.nothing[round]);
  const rows = [
    compare({ bench: 'picture', case: 'data of a frame, 32768', peer: 'getFloatFrequencyData()', unit: 'µs', better: 'less', ...data, goal: 1 / 0.15 }),
    compare({ bench: 'picture', case: 'whole frame, 1/6 octave, 8192', peer: 'audiomotion-analyzer', unit: 'µs', better: 'less', ours: alone('ours'), theirs: alone('theirs'), goal: 1 / 0.2 }),
  ];
  if (soak) {
    rows.push(
      within({ bench: 'picture', case: `heap's growth in ${minutes} minutes`, unit: 'kB', figure: (heap.at(-1) - heap[1]) / 1e3, groups: [(heap.at(-1) - heap[1]) / 1e3], limit: 50 }),
      within({ bench: 'picture', case: `wasm memories' growth in ${minutes} minutes`, unit: 'kB', figure: wasmGrowth / 1e3, groups: [wasmGrowth / 1e3], limit: 0 }),
    );
  }
  print(rows, {
    json,
    notes: [
      `${before}; Chromium ${version}; ${rounds} interleaved rounds; drawn with ${facts.backend} ${facts.reason}`,
      `A frame is all that the main thread does for it, the browser's own part included; an empty loop of repaints takes ${median(frames.nothing).toFixed(0)} µs, taken off.`,
      'Medians, and the 10 % to 90 % spread of the ratios of the rounds.',
    ],
  });
}

await main();
