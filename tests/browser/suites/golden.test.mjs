// Every view of the package looks as the golden images do, which lavapipe has drawn (tests/render/golden): alike with WebGPU; with
// Canvas 2D as near as its antialiasing goes. How near that must be is a limit of views.json: `alike` where all edges lie on whole
// pixels, `sharp` where some do not, `smooth` for lines and dots.

import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { missing } from '../drivers/index.mjs';
import { setUpPage } from './stage.mjs';

const repository = fileURLToPath(new URL('../../../', import.meta.url));
const { views, limits } = JSON.parse(await readFile(`${repository}tests/render/golden/views.json`, 'utf8'));

const engines = [
  { title: 'Chromium', browser: 'chromium', backends: ['webgpu', 'canvas'], options: { webgpu: true } },
  { title: 'Firefox', browser: 'firefox', backends: ['webgpu', 'canvas'], options: { webgpu: true } },
  { title: 'WebKitGTK', browser: 'webkit', backends: ['canvas'] },
];

/** Settings that Canvas 2D must not be taken for a view with; the native suite has others, for what a GPU draws. */
const otherColors = { low: [0.2, 0.3, 0.7, 1], high: [0.3, 0.6, 0.9, 1], peak: [0.5, 0.4, 0.7, 1], line: [0.2, 0.4, 0.8, 1] };
const refused = {
  bars: [{ minimumDecibels: -91.2 }, { peaks: false }, { colors: otherColors }],
  line: [{ minimumDecibels: -91.2 }, { weighting: 'none' }, { colors: otherColors }],
  area: [{ minimumDecibels: -91.2 }, { scale: 'mel' }, { colors: otherColors }],
  spectrogram: [{ minimumDecibels: -91.2 }, { columnsPerSecond: 2030 }],
  oscilloscope: [{ shownSeconds: 0.0099 }, { colors: otherColors }],
  goniometer: [{ channels: 'left-right' }, { colors: otherColors }],
};

const isWithin = ({ greatest, mean }, limit) => greatest <= limit.greatest && mean <= limit.mean;

for (const { title, browser, backends, options = {} } of engines) {
  describe(title, { skip: missing(browser) }, () => {
    const { ask } = setUpPage(browser, 'golden', { options });

    for (const backend of backends) {
      for (const [view, { canvas }] of Object.entries(views)) {
        test(`${backend}: ${view}`, async (context) => {
          const limit = limits[backend === 'webgpu' ? 'alike' : canvas];
          const found = await ask('difference', view, backend === 'webgpu');
          if (found.backend !== backend && process.env.CI !== 'true') return void context.skip(found.backendReason);
          assert.equal(found.backend, backend, found.backendReason);
          if (!isWithin(found, limit)) {
            const folder = `${repository}target/golden`;
            await mkdir(folder, { recursive: true });
            for (const [name, url] of Object.entries(await ask('pictures'))) {
              await writeFile(`${folder}/${view}-${browser}-${backend}-${name}.png`, Buffer.from(url.split(',')[1], 'base64'));
            }
            assert.fail(`${JSON.stringify(found)} exceeds ${JSON.stringify(limit)}: see ${folder}`);
          }
          for (const by of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
            const moved = await ask('moved', ...by);
            assert.ok(!isWithin(moved, limit), `moved by ${by} pixels it is not refused: ${JSON.stringify(moved)}`);
          }
          for (const settings of backend === 'canvas' ? refused[view] : []) {
            const other = await ask('difference', view, false, settings);
            assert.ok(!isWithin(other, limit), `${JSON.stringify(settings)} is not refused: ${JSON.stringify(other)}`);
          }
        });
      }
    }
  });
}
