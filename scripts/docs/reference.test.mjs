// What is public and says nothing is refused, in TypeScript by scripts/docs.sh's typedoc, in Rust by the workspace's lints.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const target = process.env.CARGO_TARGET_DIR ?? `${root}target`;
const typedoc = `${target}/tools/typedoc/node_modules/typedoc/bin/typedoc`;

/** Writes `files` (path: text) into a folder, gives it to `act` and removes it. */
function withFiles(files, act) {
  const folder = mkdtempSync(join(tmpdir(), 'reference-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    return act(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Exit status and words of typedoc for a module, held to the options of the package's reference. */
function reference(module) {
  return withFiles({ 'index.ts': module, 'tsconfig.json': '{ "files": ["index.ts"], "compilerOptions": { "types": [] } }' }, (folder) => {
    const parameters = ['--options', `${root}scripts/typedoc/typedoc.json`, '--emit', 'none', '--tsconfig', `${folder}/tsconfig.json`, `${folder}/index.ts`];
    const { status, stdout, stderr } = spawnSync(process.execPath, [typedoc, ...parameters], { encoding: 'utf8' });
    return { status, words: stdout + stderr };
  });
}

test('an exported type that is documented passes; a member that is not, and a link to nothing, are refused', () => {
  const documented = '/** A module. @module */\n/** A gain. */\nexport interface Gain {\n  /** Linear. */\n  factor: number;\n}\n';
  const { status, words } = reference(documented);
  assert.equal(status, 0, words);
  const silent = reference(documented.replace('  /** Linear. */\n', ''));
  assert.match(silent.words, /Gain\.factor .* does not have any documentation/);
  assert.notEqual(silent.status, 0);
  const astray = reference(documented.replace('Linear', '{@link Nothing}'));
  assert.match(astray.words, /Nothing/);
  assert.notEqual(astray.status, 0);
});

/** The lints of the workspace, as its manifest has them. */
const lints = readFileSync(`${root}Cargo.toml`, 'utf8').match(/^\[workspace\.lints\.\w+\]\n(?:[^[].*\n|\n)+/gm).join('\n');

/** Exit status and words of a command of cargo's, of a crate with the workspace's lints. */
function cargo(source, parameters, environment = {}) {
  const manifest = `[workspace]\n${lints}\n[package]\nname = "crate"\nedition = "2024"\n[lints]\nworkspace = true\n`;
  return withFiles({ 'Cargo.toml': manifest, 'src/lib.rs': source }, (folder) => {
    const { status, stderr } = spawnSync('cargo', parameters, { cwd: folder, encoding: 'utf8', env: { ...process.env, CARGO_TARGET_DIR: `${folder}/target`, ...environment } });
    return { status, words: stderr };
  });
}

test('a public function that is documented passes; one that is not, and a link to nothing, are refused', () => {
  const documented = '//! A crate.\n\n/// Nothing.\npub fn nothing() {}\n';
  const clippy = ['clippy', '--quiet', '--offline', '--', '-D', 'warnings'];
  const { status, words } = cargo(documented, clippy);
  assert.equal(status, 0, words);
  const silent = cargo(documented.replace('/// Nothing.\n', ''), clippy);
  assert.match(silent.words, /missing documentation for a function/);
  assert.notEqual(silent.status, 0);
  const astray = cargo(documented.replace('Nothing.', '[`Nowhere`]'), ['doc', '--quiet', '--offline'], { RUSTDOCFLAGS: '-D warnings' });
  assert.match(astray.words, /unresolved link to `Nowhere`/);
  assert.notEqual(astray.status, 0);
});

test('every crate has the lints of the workspace', () => {
  const metadata = JSON.parse(execFileSync('cargo', ['metadata', '--no-deps', '--format-version', '1', '--offline'], { cwd: root, encoding: 'utf8' }));
  const without = metadata.packages.map(({ manifest_path: path }) => path).filter((path) => !/^\[lints\]\nworkspace = true$/m.test(readFileSync(path, 'utf8')));
  assert.deepEqual(without, []);
});
