// What weighs too much is refused, by a single byte.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { complaint, weight } from './weight.mjs';

/** Bytes that nothing makes smaller. */
function noise(length) {
  let state = 1;
  return Buffer.from(Array.from({ length }, () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 24));
}

test('noise weighs what it is, and what repeats itself next to nothing', () => {
  const bytes = weight(noise(10_000));
  assert.ok(bytes >= 9_900 && bytes < 10_100, `${bytes}`);
  assert.ok(weight(Buffer.alloc(1_000_000, 'shader')) < 100);
});

test('a byte more than allowed is refused', () => {
  const module = noise(5_000);
  assert.equal(complaint([module], weight(module)), '');
  assert.equal(complaint([module, module], 2 * weight(module)), '');
  assert.match(complaint([module], weight(module) - 1), /^\d+ bytes with brotli, more than \d+\.$/);
});

test('the check fails for a file that is too heavy, and for none', () => {
  const folder = mkdtempSync(join(tmpdir(), 'weight-'));
  const script = fileURLToPath(new URL('weight.mjs', import.meta.url));
  const status = (...files) => {
    const table = join(folder, 'weights.json');
    writeFileSync(table, JSON.stringify([{ files, bytes: 60_000 }]));
    return spawnSync(process.execPath, [script, folder, table]).status;
  };
  try {
    for (const length of [29_000, 31_000, 59_000, 61_000]) writeFileSync(join(folder, `${length}`), noise(length));
    assert.deepEqual([status('59000'), status('61000'), status('absent')], [0, 1, 1]);
    assert.deepEqual([status('29000', '29000'), status('29000', '31000', '29000')], [0, 1]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
