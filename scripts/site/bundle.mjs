// Bundles the scripts of the site in place, so that a first visit needs few requests: node scripts/site/bundle.mjs FOLDER
// Worklets, workers and modules of WebAssembly are loaded by their addresses and stay what they are.
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, posix, resolve } from 'node:path';
import { build } from 'esbuild';
import { ENTRIES } from '../package/manifest.mjs';

const site = resolve(process.argv[2]);

/** Bundles `entries` of `folder` with all that they import but `external`; what went into them is gone afterwards. Gives what came out. */
async function bundle(folder, entries, external) {
  const { metafile: { inputs, outputs } } = await build({
    absWorkingDir: folder,
    entryPoints: entries,
    outbase: folder,
    outdir: folder,
    allowOverwrite: true,
    bundle: true,
    splitting: true,
    format: 'esm',
    external,
    // Names stay, for whoever looks in with the console.
    minifySyntax: true,
    minifyWhitespace: true,
    sourcemap: true,
    metafile: true,
    logLevel: 'warning',
  });
  for (const input of Object.keys(inputs)) if (!(input in outputs)) rmSync(join(folder, input));
  return outputs;
}

/** `entry` and all that it imports at once, of what came out of a bundling. */
function atOnce(outputs, entry, found = new Set()) {
  if (found.has(entry)) return found;
  found.add(entry);
  for (const { path, kind, external } of outputs[entry].imports) if (kind === 'import-statement' && !external) atOnce(outputs, path, found);
  return found;
}

const packaged = await bundle(join(site, 'rusty-audio'), Object.values(ENTRIES), []);
const folders = readdirSync(join(site, 'examples'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
const examples = folders.map(({ name }) => `examples/${name}/${name}.js`);
const own = await bundle(site, ['main.js', 'report/report.js', ...examples], ['./rusty-audio/*', '../rusty-audio/*', '../../rusty-audio/*']);

// What the page needs for its first sound is asked for together, and not one after the other as each script names the next.
const scripts = [...atOnce(own, 'main.js'), ...[...atOnce(packaged, ENTRIES['.'])].map((path) => posix.join('rusty-audio', path))];
const page = join(site, 'index.html');
const html = readFileSync(page, 'utf8');
const start = '<script type="module" src="main.js">';
if (!html.includes(start)) throw new Error(`${page} does not have ${start}.`);
writeFileSync(page, html.replace(start, `${scripts.map((path) => `<link rel="modulepreload" href="${path}">\n`).join('')}${start}`));
