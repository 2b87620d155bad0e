// Warming: a worker runs the kernels once before they sound, and nothing depends on how it ends.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { missing } from '../drivers/index.mjs';
import { prefix } from '../server/faults.mjs';
import { modes, setUp } from './stage.mjs';

const skip = missing('chromium');
const fixture = setUp('chromium', { skip });

/** Calls a function of pages/warming.js on a page of its own. */
async function onPage({ server, browser }, mode, name, ...given) {
  const page = await browser.open(`${server.origin}${prefix(modes[mode])}/pages/warming.html`);
  try {
    return await page.evaluate(`async (name, ...given) => {
      while (!window.warming) await new Promise((resolve) => { setTimeout(resolve, 20); });
      return window.warming[name](...given);
    }`, name, ...given);
  } catch (error) {
    if (page.console?.length > 0) error.message += `\nThe page's console:\n${page.console.slice(-20).join('\n')}`;
    throw error;
  } finally {
    await page.close();
  }
}

/** One worker has warmed, or tried to, and has ended; the sound goes on. Returns what was reported. */
async function assertOnce(fixtureOf, mode, obstacle) {
  const { result, ...facts } = await onPage(fixtureOf, mode, 'ended', obstacle);
  assert.deepEqual(facts, { mode, goesOn: true, faults: 0, told: 1, ended: true });
  return result;
}

async function assertWarms(fixtureOf, mode) {
  const { quanta, milliseconds, failure } = await assertOnce(fixtureOf, mode, 'none');
  assert.equal(failure, null);
  assert.ok(quanta > 1000, `${quanta} quanta`);
  assert.ok(milliseconds > 0, `${milliseconds} ms`);
}

for (const mode of Object.keys(modes)) {
  test(`${mode}: it happens once, ends and is reported`, { skip }, () => assertWarms(fixture, mode));

  test(`${mode}: the sound is the same bit for bit with it and without`, { skip }, async () => {
    const { frame, quanta: [without, warm], distinct } = await onPage(fixture, mode, 'difference');
    assert.equal(frame, -1);
    assert.equal(without, 0);
    assert.ok(warm > 1000, `${warm} quanta`);
    assert.ok(distinct > 10_000, 'it was a sound');
  });

  for (const [obstacle, reason] of [['trap', /unreachable/], ['littleMemory', /no room/], ['noMemory', /threw/]]) {
    test(`${mode}: ${obstacle} harms nothing and is reported`, { skip }, async () => {
      const { quanta, milliseconds, failure } = await assertOnce(fixture, mode, obstacle);
      assert.deepEqual([quanta, milliseconds], [0, 0]);
      assert.match(failure, reason);
    });
  }

  test(`${mode}: what is warm stays warm when the audio thread traps`, { skip }, async () => {
    const { event, first, then, told } = await onPage(fixture, mode, 'recovered');
    assert.deepEqual({ event, told, then }, { event: 'recovered', told: 1, then: first });
  });

  test(`${mode}: an engine may be disposed of meanwhile`, { skip }, async () => {
    assert.deepEqual(await onPage(fixture, mode, 'disposed'), { before: null, after: null, told: 1, ended: true });
  });
}

test('a worker that does not answer is ended', { skip }, async () => {
  const { result: { quanta, failure }, told, ended } = await onPage(fixture, 'shared', 'unanswered');
  assert.deepEqual({ quanta, told, ended }, { quanta: 0, told: 1, ended: true });
  assert.match(failure, /did not end within/);
});

test('an offline context is not warmed for', { skip }, async () => {
  assert.deepEqual(await onPage(fixture, 'shared', 'offline'), { warming: null, told: 0, ended: true });
});

const others = [
  { title: 'Firefox', browser: 'firefox', mode: 'shared' },
  { title: 'WebKitGTK', browser: 'webkit', mode: 'shared', options: { shared: true } },
];

for (const { title, browser, mode, options = {} } of others) {
  describe(title, { skip: missing(browser) }, () => {
    const own = setUp(browser, { options });

    test('it happens once, ends and is reported', () => assertWarms(own, mode));
  });
}
