// What the flight recorder costs the audio thread: at most a hundredth of the time that a quantum lasts.
//
//   node benches/recorder/run.mjs [--json] [--rounds N]

import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onPage } from '../browser.mjs';
import { options } from '../options.mjs';
import { machine, print, within } from '../report.mjs';
import { median } from '../statistics.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const target = process.env.CARGO_TARGET_DIR ?? join(here, '../../target');

/** A hundredth of 128 frames at 48 kHz, in ns. */
const LIMIT_NS = (128 / 48_000) * 1e9 / 100;

/** Events in each quantum. Between two pulses, 18 quanta, the audio thread records some ten events of what is usual. */
const COUNTS = [1, 16];

const { json, rounds } = options({ rounds: 64 });
const before = machine();
const { measured, version } = await onPage({
  folder: here,
  files: { 'module.wasm': join(target, 'engine/wasm32-unknown-unknown/wasm/rusty_audio_bench_module.wasm') },
  measure: (page) => page.evaluate(([count, counts]) => globalThis.measure(count, counts), [rounds, COUNTS]),
});
print(COUNTS.map((count, index) => within({
  bench: 'recorder', case: count === 1 ? 'one event in every quantum' : `${count} events in every quantum`, unit: 'ns',
  figure: median(measured[index]), groups: measured[index], limit: LIMIT_NS,
})), {
  json,
  notes: [
    `${before}; Chromium ${version}; ${rounds} rounds of 20 000 quanta. The limit is a hundredth of 128 frames at 48 kHz.`,
    'The recorder\'s own arithmetic beside it is 55 instructions in a quantum, 92 in one with a pulse: docs/architecture.md.',
  ],
});
