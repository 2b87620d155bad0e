// The drivers themselves: each browser runs a bare worklet, with and without isolation.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, missing } from '../drivers/index.mjs';
import { patiently } from '../drivers/patience.mjs';
import { startPulseAudio } from '../drivers/pulseaudio.mjs';
import { prefix } from '../server/faults.mjs';
import { startServer } from '../server/index.mjs';

let server;
before(async () => { server = await startServer(); });
after(() => server.close());

async function check(name, options, expected) {
  const browser = await launch(name, options);
  try {
    for (const [address, wanted] of Object.entries(expected)) {
      const page = await browser.open(`${server.origin}${address}`);
      const facts = await page.evaluate(() => window.run());
      assert.deepEqual(facts, { quanta: 100, state: 'running', ...wanted }, `${name} at ${address}`);
      const twice = await page.evaluate(async (a, b) => ({ sum: a + b }), 2, 3);
      assert.deepEqual(twice, { sum: 5 });
      await assert.rejects(page.evaluate(async () => { throw new Error('thrown in the page'); }), /thrown in the page/);
      await page.close();
    }
  } finally {
    await browser.close();
  }
}

test('a page that never answers is given up, and what it was asked is told', async () => {
  await assert.rejects(patiently(new Promise(() => {}), 'context.resume()', 10), /within 0\.01 s: context\.resume\(\)/);
  assert.equal(await patiently(Promise.resolve(1), '', 10), 1);
});

const plain = `${prefix({ isolation: 'off' })}/pages/worklet.html`;
const strict = `${prefix({ policy: "default-src 'self'; script-src 'self' 'unsafe-inline'" })}/pages/worklet.html`;
const isolated = '/pages/worklet.html';

test('Chromium', { skip: missing('chromium') }, () => check('chromium', {}, {
  [isolated]: { isolated: true, shared: true },
  [plain]: { isolated: false, shared: false },
  [strict]: { isolated: true, shared: true },
}));

test('Firefox', { skip: missing('firefox') }, async () => {
  const audio = await startPulseAudio();
  try {
    await check('firefox', { audio }, {
      [isolated]: { isolated: true, shared: true },
      [plain]: { isolated: false, shared: false },
    });
  } finally {
    await audio.close();
  }
});

test('WebKitGTK with SharedArrayBuffer', { skip: missing('webkit') }, () => check('webkit', { shared: true }, {
  [isolated]: { isolated: true, shared: true },
}));

test('WebKitGTK without SharedArrayBuffer', { skip: missing('webkit') }, () => check('webkit', { shared: false }, {
  [isolated]: { isolated: true, shared: false },
  [plain]: { isolated: false, shared: false },
}));

test('a null sink records what Chromium plays', { skip: missing('chromium') || missing('firefox') }, async () => {
  const audio = await startPulseAudio();
  const browser = await launch('chromium', { audio });
  try {
    const page = await browser.open(`${server.origin}${isolated}`);
    const recording = audio.record();
    await page.evaluate(() => window.run());
    await page.evaluate(() => new Promise((resolve) => { setTimeout(resolve, 3000); }));
    const samples = await recording.finish();
    const peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
    assert.ok(Math.abs(peak - 0.1) < 0.005, `the recording's peak is ${peak}, the tone's 0.1`);
  } finally {
    await browser.close();
    await audio.close();
  }
});
