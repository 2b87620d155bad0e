// Hosts that send no headers: the service worker isolates the page by one reload, or nothing happens; in each browser.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { launch, missing } from '../drivers/index.mjs';
import { startPulseAudio } from '../drivers/pulseaudio.mjs';
import { startServer } from '../server/index.mjs';

for (const name of ['chromium', 'firefox', 'webkit']) {
  describe(name, { skip: missing(name) }, () => {
    const fixture = {};
    before(async () => {
      fixture.server = await startServer();
      if (name === 'firefox') fixture.audio = await startPulseAudio();
      fixture.browser = await launch(name, { audio: fixture.audio ?? 'none', shared: true });
    });
    after(async () => {
      await fixture.browser?.close();
      await fixture.audio?.close();
      await fixture.server?.close();
    });

    let visits = 0;

    /** Visits a page of its own scope, which posts what became of it. Nothing is asked of it before: some drivers' questions count as gestures. */
    async function visit(query = '') {
      const { server, browser } = fixture;
      const path = `/~isolation=off&visit=${visits += 1}/pages/isolation.html`;
      const letter = `isolation-${name}-${visits}`;
      const arrival = server.letter(letter);
      const page = await browser.open(`${server.origin}${path}?letter=${letter}${query}`);
      try {
        const told = JSON.parse(await arrival);
        // A loop would go on.
        await delay(1000);
        return { ...told, loads: server.requests.filter(({ url }) => url.startsWith(path)).length };
      } finally {
        await page.close();
      }
    }

    test('a page is isolated after one reload, and its engine runs', async () => {
      const { state, isolated, engine, loads } = await visit();
      assert.deepEqual({ state, isolated, engine, loads }, { state: 'isolated', isolated: true, engine: { mode: 'shared', sum: 64 }, loads: 2 });
    });

    test('a service worker that is not there costs nothing', async () => {
      const { state, isolated, engine, loads, reason } = await visit('&worker=../nothing.js');
      assert.deepEqual({ state, isolated, engine, loads }, { state: 'unavailable', isolated: false, engine: { mode: 'solo', sum: 64 }, loads: 1 }, reason);
      assert.match(reason, /did not start/);
    });

    test('a page that somebody uses is not reloaded', async () => {
      const { state, isolated, engine, loads } = await visit('&used');
      assert.deepEqual({ state, isolated, engine, loads }, { state: 'next-visit', isolated: false, engine: { mode: 'solo', sum: 64 }, loads: 1 });
    });

    // The last one: what it leaves in the tab's storage keeps a browser with one window from any further try.
    test('a service worker that does nothing costs one reload and no more', async () => {
      const { state, isolated, engine, loads, reason } = await visit('&worker=../isolation-worker.js%3Finert');
      assert.deepEqual({ state, isolated, engine, loads }, { state: 'unavailable', isolated: false, engine: { mode: 'solo', sum: 64 }, loads: 2 }, reason);
      assert.match(reason, /was reloaded/);
    });
  });
}

describe('chromium, without what a private window lacks', { skip: missing('chromium') }, () => {
  const fixture = {};
  before(async () => {
    fixture.server = await startServer();
    fixture.browser = await launch('chromium');
  });
  after(async () => {
    await fixture.browser?.close();
    await fixture.server?.close();
  });

  for (const [what, spoil, reason] of [
    ['service workers', "Object.defineProperty(Navigator.prototype, 'serviceWorker', { get: () => undefined })", /private/],
    ['storage', "Object.defineProperty(window, 'sessionStorage', { get() { throw new DOMException('denied', 'SecurityError'); } })", /Storage is blocked/],
  ]) {
    test(`without ${what} the page stays as it is`, async () => {
      const { server, browser } = fixture;
      const page = await browser.open('about:blank');
      try {
        await page.tab.addInitScript(spoil);
        await page.tab.goto(`${server.origin}/~isolation=off&visit=0/pages/isolation.html`);
        const told = await page.evaluate(() => window.visit);
        assert.equal(told.state, 'unavailable');
        assert.match(told.reason, reason);
        assert.deepEqual([told.isolated, told.engine], [false, { mode: 'solo', sum: 64 }]);
      } finally {
        await page.close();
      }
    });
  }
});
