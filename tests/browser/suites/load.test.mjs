// A first visit of the demo page: what it loads until it sounds, and what an audit says of it. How long it takes: scripts/bench.sh load.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { visitDemo } from '../../../benches/load/visit.mjs';
import { missing } from '../drivers/index.mjs';
import { prefix } from '../server/faults.mjs';
import { modes, setUp } from './stage.mjs';

const AXE = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');

/** Bytes with gzip and with headers, all but the track. */
const CODE_BYTES = 900_000;

const skip = missing('chromium');
const fixture = setUp('chromium', { skip });

/** What is wrong with the answers of a visit; empty if nothing is. */
function complaints(answers, limit) {
  const code = answers.filter(({ path }) => !path.startsWith('/track/'));
  const bytes = code.reduce((sum, answer) => sum + answer.bytes, 0);
  return [
    ...(bytes > limit ? [`${bytes} bytes of code, more than ${limit}: ${code.sort((a, b) => b.bytes - a.bytes).slice(0, 8).map((answer) => `${answer.path} ${answer.bytes}`).join(', ')}`] : []),
    ...answers.filter(({ path }) => path.endsWith('.map')).map(({ path }) => `${path} is for nobody.`),
  ];
}

test('what is loaded until the first sound is within its budget', { skip }, async (t) => {
  const { answers } = await visitDemo(fileURLToPath(new URL('../../../target', import.meta.url)));
  const paths = answers.map(({ path }) => path);
  for (const needed of ['/', '/rusty-audio/engine.wasm', '/rusty-audio/host_bg.wasm', '/track/lanterns.flac']) assert.ok(paths.includes(needed), `${needed} was not loaded`);
  t.diagnostic(`${answers.length} answers, ${answers.reduce((sum, { bytes }) => sum + bytes, 0)} bytes`);
  assert.deepEqual(complaints(answers, CODE_BYTES), []);
  const code = answers.filter(({ path }) => !path.startsWith('/track/')).reduce((sum, { bytes }) => sum + bytes, 0);
  assert.equal(complaints(answers, code - 1).length, 1, 'a byte more than allowed is refused');
});

/** Violations of a page as axe finds them, by accessibility rules and its best practices. */
async function audit(tab) {
  await tab.evaluate(AXE);
  return tab.evaluate(async () => {
    const { violations } = await window.axe.run(document, { resultTypes: ['violations'] });
    return violations.map(({ id, impact, nodes }) => ({ id, impact, where: nodes.map(({ target }) => target.join(' ')) }));
  });
}

const serious = (violations) => violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');

for (const { colorScheme, viewport } of [
  { colorScheme: 'light', viewport: { width: 1280, height: 900 } },
  { colorScheme: 'dark', viewport: { width: 390, height: 844 } },
]) {
  test(`an audit finds nothing serious, ${colorScheme}, ${viewport.width} wide`, { skip }, async (t) => {
    const page = await fixture.browser.open(`${fixture.server.origin}${prefix(modes.shared)}/www/index.html?hud=1`, { colorScheme, viewport });
    try {
      await page.tab.locator('#play-button:enabled').waitFor();
      // What the page itself says; the auditor tries styles that its policy forbids.
      assert.deepEqual(page.console.filter((line) => /^(error|uncaught|warning)/.test(line)), []);
      const violations = await audit(page.tab);
      for (const { id, impact, where } of violations) t.diagnostic(`${impact}: ${id} (${where.join(', ')})`);
      assert.deepEqual(serious(violations), []);
      // The audit is one that finds something.
      await page.tab.evaluate(() => document.body.append(document.createElement('button')));
      assert.deepEqual(serious(await audit(page.tab)).map(({ id }) => id), ['button-name']);
    } finally {
      await page.close();
    }
  });
}
