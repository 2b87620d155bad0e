// Packs the built package: node scripts/package/pack.mjs FOLDER DESTINATION
// Prints the tarball's path. The same files make the same bytes, whenever and wherever they were built.
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { listFiles, makeManifest } from './manifest.mjs';

const repository = fileURLToPath(new URL('../../', import.meta.url));

/** Files of the repository that go into the package, and where. */
const BESIDE = { 'scripts/package/README.md': 'README.md', LICENSE: 'LICENSE', 'LICENSE-APACHE': 'LICENSE-APACHE', 'LICENSE-MIT': 'LICENSE-MIT' };

/** Packs the files of `folder` into `destination`. Returns the tarball's path. */
export function pack(folder, destination) {
  const stage = mkdtempSync(join(tmpdir(), 'rusty-audio-'));
  try {
    cpSync(folder, stage, { recursive: true });
    const manifest = makeManifest(stage);
    for (const [from, to] of Object.entries(BESIDE)) cpSync(join(repository, from), join(stage, to));
    writeFileSync(join(stage, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
    // The linker makes modules of WebAssembly executable, depending on the machine.
    for (const file of listFiles(stage)) chmodSync(join(stage, file), 0o644);
    mkdirSync(destination, { recursive: true });
    const said = execFileSync('npm', ['pack', '--json', '--pack-destination', resolve(destination)], { cwd: stage, encoding: 'utf8' });
    const [{ filename }] = Object.values(JSON.parse(said));
    return join(resolve(destination), filename);
  } finally {
    rmSync(stage, { recursive: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder, destination] = process.argv.slice(2);
  console.log(pack(folder, destination));
}
