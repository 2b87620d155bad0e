// The package.json of the package, made of what there is: the workspace's Cargo.toml and the built files.
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../../', import.meta.url));

/** What is imported by name, and the module behind it. */
export const ENTRIES = { '.': 'index.js', './hud': 'hud/index.js', './monitor': 'monitor.js', './spectrum': 'spectrum/index.js' };

/** Modules that do something by being imported: they define elements. */
const SIDE_EFFECTS = ['hud/index.js', 'spectrum/index.js'];

/** Relative paths of the files in a folder, sorted. */
export function listFiles(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, path, name }) => join(parentPath ?? path, name).slice(folder.length + 1))
    .sort();
}

/** The package.json for the files of `folder`. */
export function makeManifest(folder) {
  const files = listFiles(folder);
  const modules = reach(folder, Object.values(ENTRIES));
  // Loaded by address, not imported: modules of WebAssembly, styles, scripts of workers and worklets.
  const isModule = (file) => modules.has(file) || (file.endsWith('.js') && files.includes(file.replace(/\.js$/, '.d.ts')));
  const assets = files.filter((file) => /\.(wasm|css|js)$/.test(file) && !isModule(file));
  const { version, license, repository: url } = workspace();
  return {
    name: 'rusty-audio',
    version,
    description: 'A real-time audio engine for the browser, written in Rust: player, effects, spectrum and a display of what can go wrong',
    keywords: ['audio', 'web-audio', 'audioworklet', 'wasm', 'dsp', 'convolver', 'equalizer', 'spectrum', 'player'],
    license,
    repository: { type: 'git', url: `git+${url}.git` },
    type: 'module',
    main: './index.js',
    types: './index.d.ts',
    exports: {
      ...Object.fromEntries(Object.entries(ENTRIES).map(([name, file]) => [name, { types: `./${file.replace(/\.js$/, '.d.ts')}`, default: `./${file}` }])),
      ...Object.fromEntries([...assets, 'package.json'].map((file) => [`./${file}`, `./${file}`])),
    },
    sideEffects: SIDE_EFFECTS.map((file) => `./${file}`),
    files: [...new Set(files.map((file) => file.split('/')[0]))],
  };
}

/** The modules that are imported from `entries` on, those included. */
function reach(folder, entries) {
  const reached = new Set();
  const visit = (file) => {
    if (reached.has(file)) return;
    reached.add(file);
    for (const [, address] of readFileSync(join(folder, file), 'utf8').matchAll(/^(?:import|export)\b[^;]*?'(\.[^']*)'/gm)) {
      visit(posix.normalize(posix.join(dirname(file), address)));
    }
  };
  entries.forEach(visit);
  return reached;
}

function workspace() {
  const [, section] = /^\[workspace\.package\]\n([^[]*)/m.exec(readFileSync(join(repository, 'Cargo.toml'), 'utf8'));
  return Object.fromEntries([...section.matchAll(/^(\S+) = "(.*)"$/gm)].map(([, name, value]) => [name, value]));
}
