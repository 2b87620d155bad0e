// What deny.toml forbids is refused: a licence, a source, a version left open.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Exit status and words of the check of a crate: its licence, and what it depends on. */
function check(licence, dependencies = '') {
  const folder = mkdtempSync(join(tmpdir(), 'deny-'));
  try {
    mkdirSync(join(folder, 'src'));
    writeFileSync(join(folder, 'src/lib.rs'), '');
    writeFileSync(join(folder, 'Cargo.toml'), `[package]\nname = "crate"\nversion = "1.0.0"\nedition = "2024"\nlicense = "${licence}"\n[dependencies]\n${dependencies}\n[workspace]\n`);
    const { status, stdout, stderr } = spawnSync('scripts/dependencies.sh', ['--manifest-path', `${folder}/Cargo.toml`], { cwd: root, encoding: 'utf8' });
    return { status, words: stdout + stderr };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('a licence of the list passes, another one is refused', () => {
  const { status, words } = check('MIT OR Apache-2.0');
  assert.equal(status, 0, words);
  const refused = check('GPL-3.0-only');
  assert.match(refused.words, /GPL-3\.0/);
  assert.notEqual(refused.status, 0);
});

test('a version that is left open is refused', () => {
  const refused = check('MIT', 'libm = "*"');
  assert.match(refused.words, /wildcard/);
  assert.notEqual(refused.status, 0);
});
