// The effects of a node against the browser's own nodes, rendered offline. What source and destination cost is taken off both.
//
//   node benches/effects/run.mjs [--json] [--rounds N]

import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onPage } from '../browser.mjs';
import { options } from '../options.mjs';
import { compare, machine, print } from '../report.mjs';
import { median } from '../statistics.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const target = process.env.CARGO_TARGET_DIR ?? join(here, '../../target');
const BARE = 'empty node, no AudioParam';
const BARE_OF_40 = 'empty node, 40 AudioParams';
// Each engine has a memory of its own, and a tab has room for so many before the browser gives them back.
const ROUNDS_OF_A_PAGE = 6;
const NODE_OF_10 = '10 BiquadFilterNodes';

async function main() {
  const { json, rounds } = options({ rounds: 12 });
  const before = machine();
  const measured = {};
  let version;
  for (let done = 0; done < rounds; done += ROUNDS_OF_A_PAGE) {
    const page = await onPage({
      folder: here,
      files: { package: join(target, 'package'), 'warm.js': join(here, '../warm.js') },
      measure: (tab) => tab.evaluate((count) => globalThis.measure(count), Math.min(rounds - done, ROUNDS_OF_A_PAGE)),
    });
    for (const [name, figures] of Object.entries(page.measured)) (measured[name] ??= []).push(...figures);
    ({ version } = page);
  }
  const alone = (name) => measured[name].map((microseconds, round) => microseconds - measured.nothing[round]);
  const row = (ours, peer, goal) => compare({ bench: 'effects', case: ours, peer, unit: 'µs/quantum', better: 'less', ours: alone(ours), theirs: alone(peer), goal });
  const rows = [
    row(BARE, NODE_OF_10, 3),
    row(BARE_OF_40, NODE_OF_10, 3),
    row('equalizer, 10 bands', NODE_OF_10, 3),
    row('equalizer, 10 bands, constant', NODE_OF_10, 3),
    row('equalizers, 50 bands', '50 BiquadFilterNodes', 2),
    row('equalizers, 50 bands, constant', '50 BiquadFilterNodes', 2),
    row('compressor', 'DynamicsCompressorNode', 1),
  ];
  print(rows, {
    json,
    notes: [
      `${before}; Chromium ${version}; ${rounds} interleaved rounds of 20 s stereo at 48 kHz, offline.`,
      `Source and destination alone: ${median(measured.nothing).toFixed(2)} µs per quantum, taken off.`,
      'The empty nodes bound what any node with so many AudioParams can reach; a band has four, and what is constant has none.',
      'Medians, and the 10 % to 90 % spread of the ratios of the rounds.',
    ],
  });
}

await main();
