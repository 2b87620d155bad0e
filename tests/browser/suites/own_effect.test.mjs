// A module with an effect of one's own, in the place of the engine's: built, proved, and played in Chromium.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { prefix } from '../server/faults.mjs';
import { modes, setUp } from './stage.mjs';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const chromium = setUp('chromium');

test('the module is built, and the audio thread can do nothing in it that it must not', () => {
  execFileSync('scripts/own_effect.sh', { cwd: root, stdio: 'inherit' });
});

for (const mode of ['shared', 'solo']) {
  test(`the page asks for the effect by name, ${mode}`, async () => {
    const page = await chromium.browser.open(`${chromium.server.origin}${prefix(modes[mode])}/pages/nodes.html`);
    try {
      const { crushed, names, refusal } = await page.evaluate(`async () => {
        while (!window.nodes) await new Promise((resolve) => { setTimeout(resolve, 20); });
        return window.nodes.crushed();
      }`);
      assert.deepEqual(names, ['bitCrusher.bits', 'bitCrusher.bypass', 'bitCrusher.hold', 'bitCrusher.mix']);
      // Of a sine of half the scale, two bits leave three levels.
      assert.deepEqual([...new Set(crushed)].sort((a, b) => a - b), [-0.5, 0, 0.5]);
      assert.match(refusal, /there are bitCrusher, limiter/);
    } finally {
      await page.close();
    }
  });
}
