// Bundles the scripts of the site in place, so that a first visit needs few requests: node scripts/site/bundle.mjs FOLDER
// Worklets, workers and modules of WebAssembly are loaded by their addresses and stay what they are.
import { readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { ENTRIES } from '../package/manifest.mjs';

const site = resolve(process.argv[2]);

/** Bundles `entries` of `folder` with all that they import but `external`; what went into them is gone afterwards. */
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
}

await bundle(join(site, 'rusty-audio'), Object.values(ENTRIES), []);
const folders = readdirSync(join(site, 'examples'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
const examples = folders.map(({ name }) => `examples/${name}/${name}.js`);
await bundle(site, ['main.js', 'report/report.js', ...examples], ['./rusty-audio/*', '../rusty-audio/*', '../../rusty-audio/*']);
