// How long a first visit of the demo takes to its first sound, clicked as soon as it can be: over Fast 3G as DevTools has it, and
// over loopback; and what was sent until then.
//
//   node benches/load/run.mjs [--json] [--rounds N]

import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { options } from '../options.mjs';
import { machine, print, within } from '../report.mjs';
import { median } from '../statistics.mjs';
import { FAST_3G, visitDemo } from './visit.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const target = process.env.CARGO_TARGET_DIR ?? join(here, '../../target');
const LIMIT_MS = 3000;

const { json, rounds } = options({ rounds: 3 });
const before = machine();
const rows = [];
const notes = [];
for (const [name, network] of [['Fast 3G', FAST_3G], ['loopback', undefined]]) {
  const visits = [];
  for (let round = 0; round < rounds; round += 1) visits.push(await visitDemo(target, network));
  for (const [what, key] of [['navigation to a button that can be pressed', 'readyMilliseconds'], ['navigation to the first sound', 'soundMilliseconds']]) {
    const times = visits.map((visit) => visit[key]);
    rows.push(within({ bench: 'load', case: `${what}, ${name}`, unit: 'ms', figure: median(times), groups: times, limit: LIMIT_MS }));
  }
  const [{ answers, version }] = visits;
  const total = answers.reduce((sum, { bytes }) => sum + bytes, 0);
  const largest = answers.sort((a, b) => b.bytes - a.bytes).slice(0, 6).map(({ path, bytes }) => `${path} ${Math.round(bytes / 1000)} kB`);
  notes.push(`${name}: ${answers.length} answers, ${Math.round(total / 1000)} kB with gzip until the first sound; ${largest.join(', ')}.`);
  if (network === undefined) notes.push(`${before}; Chromium ${version}; ${rounds} rounds.`);
}
print(rows, { json, notes });
