// The ring of frames: two browser workers against ringbuf.js, two native threads against rtrb and ringbuf, one
// thread against bare copies. All in 128-frame blocks and interleaved rounds, through rings of 4096 frames.
//
//   node benches/ring/run.mjs [--json] [--rounds N]

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onPage } from '../browser.mjs';
import { options } from '../options.mjs';
import { compare, compareBest, machine, print } from '../report.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const target = process.env.CARGO_TARGET_DIR ?? join(here, '../../target');
const MILLION = 1e6;

function throughput(name, peer, ours, theirs, goal) {
  const inMillions = (values) => values.map((value) => value / MILLION);
  const measured = {
    bench: 'ring', case: name, peer, unit: 'Mframe/s', better: 'more', goal,
    ours: inMillions(ours), theirs: inMillions(theirs),
  };
  return [compare(measured), compareBest(measured)];
}

function alone(name, peer, ours, theirs) {
  // Two copies can be made two and a half times while one block goes in and out.
  return compare({ bench: 'ring', case: name, peer, unit: 'ns', better: 'less', ours, theirs, goal: 1 / 2.5 });
}

async function main() {
  const { json, rounds } = options({ rounds: 64 });
  const before = machine();
  const native = JSON.parse((await promisify(execFile)(join(target, 'release/rusty-audio-bench-native'), [String(rounds)])).stdout);
  const { measured, version } = await onPage({
    folder: here,
    files: {
      'module.wasm': join(target, 'engine/wasm32-unknown-unknown/wasm/rusty_audio_bench_module.wasm'),
      'ringbuf.js': join(here, '../../node_modules/ringbuf.js/dist/index.mjs'),
    },
    measure: (page) => page.evaluate((count) => globalThis.measure(count), rounds),
  });
  const rows = [
    ...throughput('two workers', 'ringbuf.js 0.4.0', measured.ours, measured.theirs, 3),
    ...throughput('two native threads', 'rtrb 0.4.1', native.ours_frames_per_s, native.rtrb_frames_per_s, 1),
    ...throughput('two native threads', 'ringbuf 0.6.0', native.ours_frames_per_s, native.ringbuf_frames_per_s, 1),
    alone('one worker, push and pop', 'two memory.copy', measured.ring, measured.copies),
    alone('one native thread, push and pop', 'two memcpy', native.ours_ns, native.copies_ns),
    alone('one native thread, push and pop', 'rtrb 0.4.1', native.ours_ns, native.rtrb_ns),
    alone('one native thread, push and pop', 'ringbuf 0.6.0', native.ours_ns, native.ringbuf_ns),
  ];
  print(rows, {
    json,
    notes: [
      `${before}; Chromium ${version}; ${rounds} interleaved rounds of 128-frame blocks.`,
      'Medians, and the 10 % to 90 % spread of the ratios of the rounds, or of the best of each 16 rounds.',
      'Timings of two threads depend on which cores they share with what: on fewer than four cores they are indicative.',
    ],
  });
}

await main();
