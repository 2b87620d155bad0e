// The demo page, as a person uses it: by mouse, by keyboard, by drag and drop, at two sizes and in two themes.

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { missing } from '../drivers/index.mjs';
import { prefix } from '../server/faults.mjs';
import { makeBroken, materialPath } from '../sound/material.mjs';
import { trackPath } from '../sound/reference.mjs';
import { modes, setUp } from './stage.mjs';

const skip = missing('chromium');
const AXE = skip ? '' : readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');
const fixture = setUp('chromium', { skip });
const pictures = fileURLToPath(new URL('../../../target/screenshots/', import.meta.url));
before(() => {
  if (skip) return;
  makeBroken();
  mkdirSync(pictures, { recursive: true });
});

/** Opens the page, which may not isolate itself, waits until it can play, and gives it to `act`; nothing may go wrong on its console until that is done, and `judge` begins. */
async function onPage(faults, options, act, judge = async () => {}) {
  const page = await fixture.browser.open(`${fixture.server.origin}${prefix(faults)}/www/index.html`, { serviceWorkers: 'block', ...options });
  try {
    await until(page.tab, () => window.rustyAudio?.player.track?.duration > 0);
    await act(page.tab);
    assert.deepEqual(page.console.filter((line) => /^(error|uncaught)/.test(line)), []);
    await judge(page.tab);
  } catch (error) {
    await page.tab.screenshot({ path: `${pictures}failure.png` });
    error.message += `\nThe page's console:\n${page.console.join('\n')}`;
    throw error;
  } finally {
    await page.close();
  }
}

const facts = (tab) => tab.evaluate(() => {
  const { paused, currentTime, duration, volume, muted, loop, ended, queue, track, telemetry } = window.rustyAudio.player;
  return { paused, currentTime, duration, volume, muted, loop, ended, queue: queue.map(({ name }) => name), track: track?.name, starved: telemetry.starvedFrames };
});

/** Waits for a condition in the page. Playwright's own way needs eval, which the page's policy forbids. */
async function until(tab, condition, parameter) {
  const text = `Boolean((${condition})(${JSON.stringify(parameter)}))`;
  const end = performance.now() + 15_000;
  while (!await tab.evaluate(text)) {
    if (performance.now() > end) throw new Error(`after 15 s it is not so that ${condition}`);
    await delay(50);
  }
}

for (const [mode, faults] of Object.entries(modes)) {
  test(`${mode}: everything by keyboard`, { skip }, () => onPage(faults, {}, async (tab) => {
    await tab.keyboard.press('Space');
    await until(tab, () => !window.rustyAudio.player.paused && window.rustyAudio.player.currentTime > 0.3);
    await tab.keyboard.press('Space');
    await until(tab, () => window.rustyAudio.player.paused);
    const start = (await facts(tab)).currentTime;
    await tab.keyboard.press('ArrowRight');
    await until(tab, (from) => Math.abs(window.rustyAudio.player.currentTime - from - 5) < 0.05, start);
    await tab.keyboard.press('ArrowLeft');
    await until(tab, (from) => Math.abs(window.rustyAudio.player.currentTime - from) < 0.05, start);
    await tab.keyboard.press('Home');
    await until(tab, () => window.rustyAudio.player.currentTime === 0);
    await tab.keyboard.press('End');
    await until(tab, () => window.rustyAudio.player.currentTime > window.rustyAudio.player.duration - 0.1);
    await tab.keyboard.press('Home');
    await tab.keyboard.press('m');
    assert.equal((await facts(tab)).muted, true);
    await tab.keyboard.press('m');
    assert.equal((await facts(tab)).muted, false);
    await tab.keyboard.press('ArrowDown');
    await tab.keyboard.press('ArrowDown');
    assert.ok(Math.abs((await facts(tab)).volume - 0.9) < 1e-6);
    await tab.keyboard.press('ArrowUp');
    assert.ok(Math.abs((await facts(tab)).volume - 0.95) < 1e-6);
    await tab.keyboard.press('l');
    assert.equal((await facts(tab)).loop, true);
    await tab.keyboard.press('?');
    assert.ok(await tab.locator('dialog#help').isVisible());
    await tab.keyboard.press('Escape');
    assert.equal((await facts(tab)).starved, 0);
  }));

  test(`${mode}: by mouse, and what the page tells`, { skip }, () => onPage(faults, {}, async (tab) => {
    const engineMode = await tab.evaluate(() => window.rustyAudio.engine.mode);
    assert.equal(engineMode, mode);
    assert.match((await tab.locator('#mode-text').textContent()).toLowerCase(), new RegExp(mode));
    if (mode === 'solo') assert.match(await tab.locator('#mode-reason').textContent(), /isolat|Cross-Origin|header/i);
    await tab.locator('#play-button').click();
    await until(tab, () => window.rustyAudio.player.currentTime > 1);
    assert.notEqual((await tab.locator('#meter-reading').textContent()).trim(), '');
    const box = await tab.locator('#seek-bar').boundingBox();
    await tab.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
    await until(tab, () => Math.abs(window.rustyAudio.player.currentTime / window.rustyAudio.player.duration - 0.5) < 0.05);
    await tab.locator('#play-button').click();
    await until(tab, () => window.rustyAudio.player.paused);
  }));

  test(`${mode}: files by picker, by drop and by address`, { skip }, () => onPage(faults, {}, async (tab) => {
    await tab.locator('#file-input').setInputFiles([trackPath('excerpt-s16le.wav'), trackPath('lanterns.ogg')]);
    await until(tab, () => window.rustyAudio.player.queue.length === 3 && !window.rustyAudio.player.paused);
    await until(tab, () => window.rustyAudio.player.track.name === 'lanterns.ogg');

    await tab.evaluate(async (address) => {
      const bytes = await (await fetch(address)).blob();
      const transfer = new DataTransfer();
      transfer.items.add(new File([bytes], 'dropped.mp3'));
      for (const type of ['dragenter', 'dragover', 'drop']) {
        document.body.dispatchEvent(new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true }));
      }
    }, `${fixture.server.origin}/track/lanterns-cbr.mp3`);
    await until(tab, () => window.rustyAudio.player.track.name === 'dropped.mp3' && !window.rustyAudio.player.paused);

    await tab.locator('#address').fill(`${fixture.server.origin}/track/lanterns-aac.m4a`);
    await tab.keyboard.press('Enter');
    await until(tab, () => window.rustyAudio.player.track.name === 'lanterns-aac.m4a' && window.rustyAudio.player.currentTime > 0.2);
    assert.equal((await facts(tab)).queue.length, 5);
  }));

  test(`${mode}: a broken file is told with its code, and the next plays`, { skip }, () => onPage(faults, {}, async (tab) => {
    await tab.locator('#file-input').setInputFiles([materialPath('text.mp3')]);
    await until(tab, () => document.querySelector('#messages .message-code')?.textContent === 'unsupported-format');
    await tab.locator('#file-input').setInputFiles([trackPath('excerpt-s24le.wav')]);
    await until(tab, () => window.rustyAudio.player.track?.name === 'excerpt-s24le.wav' && window.rustyAudio.player.currentTime > 0.2);
  }));
}

/** Plays the bundled track where it is never silent, in a room. */
async function playInRoom(tab) {
  await tab.locator('#play-button').click();
  await tab.evaluate(() => { window.rustyAudio.player.loop = true; window.rustyAudio.player.currentTime = 10; });
  await until(tab, () => window.rustyAudio.player.currentTime > 10.2 && !window.rustyAudio.player.seeking);
  await enterRoom(tab);
}

async function enterRoom(tab) {
  await tab.locator('#room-bar').focus();
  await tab.keyboard.press('End');
  await until(tab, () => document.getElementById('room-text').textContent === 'Room 100 %');
}

/** What the panel's buttons are said to do something to. */
const survival = (tab) => tab.evaluate(() => {
  const { engine, player } = window.rustyAudio;
  const { processedFrames, starvedFrames, peakLeft } = player.telemetry;
  const restarts = engine.workers.reduce((sum, worker) => sum + worker.restarts, 0);
  return { processedFrames, starvedFrames, peakLeft, restarts, states: engine.workers.map(({ state }) => state), faults: engine.report().faults.length };
});

/** Presses a button of the panel by keyboard and returns what the log tells when all is over, with the state before and after. */
async function befallen(tab, id) {
  const before = await survival(tab);
  await tab.locator(`#${id}`).press('Enter');
  await until(tab, (button) => document.getElementById(button).getAttribute('aria-disabled') === 'false'
    || (window.rustyAudio.engine.mode === 'solo' && !document.querySelector('#fault-log li').textContent.endsWith('…')), id);
  await until(tab, (frames) => window.rustyAudio.player.telemetry.processedFrames > frames + 8192, before.processedFrames);
  const after = await survival(tab);
  const { paused, track } = await facts(tab);
  assert.deepEqual([after.starvedFrames, paused, track], [0, false, 'Lanterns'], `${id}: ${JSON.stringify(after)}`);
  assert.ok(after.peakLeft > 0.01, `${id}: the level is ${after.peakLeft}`);
  return { before, after, told: await tab.locator('#fault-log li').first().textContent() };
}

const workerFaults = {
  'kill-worker-button': { told: /^Worker \d killed.* Replaced after \d+ ms\. 0 frames missing\./, deaths: 1 },
  'kill-all-button': { told: /^All 3 workers killed\. Replaced after \d+ (to \d+ )?ms\. 0 frames missing\./, deaths: 3 },
  'hang-worker-button': { told: /^Worker \d hung.* Replaced after \d+ ms\. Another did its job\. 0 frames missing\./, deaths: 1 },
  'trap-worker-button': { told: /^Worker \d trapped.* Replaced after \d+ ms\. Another did its job\. 0 frames missing\./, deaths: 1 },
};
test('shared: what befalls workers is told, and the sound goes on', { skip }, (t) => onPage({}, {}, async (tab) => {
  await tab.evaluate(() => window.rustyAudio.engine.resize(3));
  await playInRoom(tab);
  for (const [id, { told, deaths }] of Object.entries(workerFaults)) await t.test(id, async () => {
    const result = await befallen(tab, id);
    assert.match(result.told, told);
    // On a machine that is busy a worker may be taken for dead that is only late.
    assert.ok(result.after.restarts - result.before.restarts >= deaths, `${result.after.restarts} restarts`);
    await until(tab, () => window.rustyAudio.engine.workers.every(({ state }) => state === 'working'));
    await until(tab, (count) => [...document.querySelectorAll('#worker-rows tr')].filter((row) => /Back after \d+ ms/.test(row.textContent)).length >= count, deaths);
  });
}));

const pageFaults = { 'block-main-button': /^The main thread stood still for 2 s\. 0 frames missing\./, 'burn-button': /^6 busy workers .* 5 s\. 0 frames missing\./ };
for (const [mode, faults] of Object.entries(modes)) {
  test(`${mode}: what befalls page and audio thread is told, and the sound goes on`, { skip }, () => onPage(faults, {}, async (tab) => {
    await playInRoom(tab);
    for (const [id, said] of Object.entries(pageFaults)) assert.match((await befallen(tab, id)).told, said);
    const { before, after, told } = await befallen(tab, 'trap-audio-button');
    assert.match(told, /^The audio thread trapped\. A fresh engine goes on .* after [\d.]+ m?s of silence/);
    assert.equal(after.faults - before.faults, 1);
    await until(tab, () => document.getElementById('recoveries-text').textContent === '1');
    assert.match(await tab.locator('#recoveries-note').textContent(), /[\d.]+ m?s of silence/);
    assert.ok(await tab.evaluate(() => window.rustyAudio.rack.get('convolver.wet') > 0.7), 'the room is still there');
  }));
}

test('shared: the room gives the workers work, and the panel tells who did it', { skip }, () => onPage({}, {}, async (tab) => {
  const jobs = () => tab.evaluate(() => {
    const { refused, ...places } = window.rustyAudio.engine.report().audioJobs;
    return Object.values(places).reduce((sum, count) => sum + count, 0);
  });
  await tab.locator('#play-button').click();
  await until(tab, () => window.rustyAudio.player.currentTime > 0.5);
  assert.equal(await jobs(), 0, 'a room that is off costs nothing');
  await enterRoom(tab);
  await until(tab, () => window.rustyAudio.engine.report().audioJobs.byWorkers > 20);
  await until(tab, () => /by workers/.test(document.getElementById('jobs-text').textContent));
  await until(tab, () => /^[1-9]/.test(document.querySelector('#worker-rows td[data-label=Jobs]').textContent));
  assert.match(await tab.locator('#memory-text').textContent(), /^[\d.]+ MB of [\d.]+ MB$/);
  await tab.locator('#room-bar').focus();
  await tab.keyboard.press('Home');
  await until(tab, () => window.rustyAudio.rack.get('convolver.wet') === 0);
  assert.equal(await tab.locator('#room-text').textContent(), 'Room off');
}));

for (const mode of ['shared', 'solo']) {
  test(`${mode}: the spectrum shows what sounds, as chosen, and its keys are its own`, { skip }, () => onPage(modes[mode], {}, async (tab) => {
    const spectrum = (body) => tab.evaluate(`(${body})(document.getElementById('spectrum'))`);
    await tab.locator('#spectrum').scrollIntoViewIfNeeded();
    await until(tab, () => document.getElementById('spectrum').statistics?.frames > 3);
    assert.equal(await spectrum((view) => view.loudest), null);
    await tab.keyboard.press('Space');
    await until(tab, () => document.getElementById('spectrum').loudest?.levelDecibels > -60);
    for (const view of ['line', 'area', 'spectrogram', 'oscilloscope', 'goniometer', 'bars']) {
      await tab.locator('[data-setting=view]').selectOption(view);
      const { frames } = await spectrum(({ view: shown, statistics }) => ({ shown, ...statistics }));
      await until(tab, (count) => document.getElementById('spectrum').statistics.frames > count + 3, frames);
      assert.equal(await spectrum((element) => element.view), view);
    }
    await tab.locator('#spectrum .plot').focus();
    await tab.keyboard.press('End');
    assert.match(await spectrum((view) => view.shadowRoot.querySelector('.plot').getAttribute('aria-valuetext')), /kHz/);
    await tab.keyboard.press('Space');
    assert.deepEqual(await spectrum((view) => [view.paused, window.rustyAudio.player.paused]), ['on', false]);
    const theme = await tab.evaluate(() => document.documentElement.dataset.theme);
    assert.equal(await spectrum((view) => view.theme), theme);
    await tab.locator('#theme-button').click();
    assert.notEqual(await spectrum((view) => view.theme), theme);
    assert.equal((await facts(tab)).starved, 0);
  }));
}

for (const mode of ['shared', 'solo']) {
  test(`${mode}: the latency display shows what the engine tells, and its keys are its own`, { skip }, () => onPage(modes[mode], {}, async (tab) => {
    const row = (name) => tab.evaluate((wanted) => document.getElementById('hud').shadowRoot.querySelector(`[data-row="${wanted}"]`)?.textContent ?? '', name);
    await tab.keyboard.press('Space');
    await until(tab, () => window.rustyAudio.player.currentTime > 1);
    await tab.locator('#hud').scrollIntoViewIfNeeded();
    await until(tab, () => document.getElementById('hud').statistics?.updates > 10);
    assert.match(await row('starvation'), /^Ring starvationmeasured 0 frames$/);
    await tab.locator('#hud-size').selectOption('full');
    await until(tab, () => /now.*\d s/.test(document.getElementById('hud').shadowRoot.querySelector('[data-row=ringFill]').textContent));
    assert.match(await row('latency'), /in all.*\d ms/);
    assert.match(await row('format'), /Hz/);
    assert.match(await row('contextState'), /running/);
    await tab.locator('#hud summary').first().focus();
    await tab.keyboard.press('Space');
    assert.deepEqual(await tab.evaluate(() => [document.getElementById('hud').shadowRoot.querySelector('details').open, window.rustyAudio.player.paused]), [false, false]);
    const theme = await tab.evaluate(() => document.documentElement.dataset.theme);
    assert.equal(await tab.evaluate(() => document.getElementById('hud').theme), theme);
    assert.equal((await facts(tab)).starved, 0);
  }));
}

test('without a sound there is nothing to break, and the panel says so', { skip }, () => onPage({}, {}, async (tab) => {
  await tab.locator('#kill-all-button').click();
  assert.match(await tab.locator('#fault-log li').first().textContent(), /^Nothing is playing/);
  assert.equal((await survival(tab)).restarts, 0);
}));

/** The panel has no workers to break: it says why, and their buttons do nothing. */
async function assertNoWorkers(tab, reason) {
  await until(tab, () => !document.getElementById('fault-note').hidden);
  assert.match(await tab.locator('#fault-note').textContent(), reason);
  const told = await tab.locator('#fault-log li').first().textContent();
  for (const id of Object.keys(workerFaults)) {
    assert.equal(await tab.locator(`#${id}`).getAttribute('aria-disabled'), 'true', id);
    await tab.locator(`#${id}`).press('Enter');
  }
  assert.equal(await tab.locator('#fault-log li').first().textContent(), told);
  assert.equal(await tab.locator('#worker-table').isVisible(), false);
}

test('solo: the buttons for workers are disabled with the reason', { skip }, () => onPage(modes.solo, {}, async (tab) => {
  await playInRoom(tab);
  await assertNoWorkers(tab, /solo mode.*(isolat|Cross-Origin|header)/i);
}));

test('traps that come too often end in solo mode, and the panel follows', { skip }, () => onPage({}, {}, async (tab) => {
  await playInRoom(tab);
  for (let trap = 0; trap < 4; trap += 1) await befallen(tab, 'trap-audio-button');
  await assertNoWorkers(tab, /solo mode.*failed 4 times/i);
  await until(tab, () => document.getElementById('mode-text').textContent === 'Solo');
}));

const sizes = { narrow: { width: 320, height: 640 }, phone: { width: 390, height: 844 }, tablet: { width: 820, height: 1180 }, desktop: { width: 1440, height: 900 } };

/** What axe has against the page, wide and narrow, in both themes. It writes styles that the page's policy forbids, which the console tells. */
async function judgeAccessibility(tab) {
  await tab.evaluate(AXE);
  for (const colorScheme of ['light', 'dark']) {
    for (const size of ['narrow', 'desktop']) {
      // Colours that are on their way from one theme to the other would be judged, so they do not move.
      await tab.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await tab.setViewportSize(sizes[size]);
      const { violations, passes } = await tab.evaluate(() => globalThis.axe.run(document));
      assert.ok(passes.length > 10);
      assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`), [], `${size}, ${colorScheme}`);
    }
  }
}

test('in four sizes and two themes nothing is cut off, and axe finds nothing', { skip }, (t) => onPage({}, {}, async (tab) => {
  await tab.locator('#play-button').click();
  await until(tab, () => window.rustyAudio.player.currentTime > 1.5);
  await tab.evaluate(() => window.rustyAudio.engine.resize(3));
  for (const id of ['kill-all-button', 'trap-audio-button']) await befallen(tab, id);
  for (const colorScheme of ['light', 'dark']) {
    await tab.emulateMedia({ colorScheme });
    for (const [size, viewport] of Object.entries(sizes)) await t.test(`${size}, ${colorScheme}`, async () => {
      await tab.setViewportSize(viewport);
      await until(tab, (theme) => document.documentElement.dataset.theme === theme, colorScheme);
      await tab.screenshot({ path: `${pictures}${size}-${colorScheme}.png`, fullPage: true });
      const { wide, background } = await tab.evaluate(() => ({
        wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
        background: getComputedStyle(document.documentElement).backgroundColor + getComputedStyle(document.body).backgroundColor,
      }));
      assert.equal(wide, 0, 'the page scrolls sideways');
      const parts = [...background.matchAll(/rgb\((\d+), (\d+), (\d+)\)/g)].map(([, ...rgb]) => rgb.reduce((sum, part) => sum + Number(part), 0) / 3);
      assert.ok(parts.length > 0, `the page's background is ${background}`);
      if (colorScheme === 'dark') assert.ok(Math.min(...parts) < 80, `dark background: ${background}`);
      else assert.ok(Math.max(...parts) > 175, `light background: ${background}`);
    });
  }
}, judgeAccessibility));

test('where the host sends no headers the page is loaded once again, by itself, and plays in shared mode', { skip }, async () => {
  const { server, browser } = fixture;
  const address = `${prefix({ isolation: 'off', visit: 1 })}/www/index.html`;
  const page = await browser.open(server.origin + address);
  try {
    // To ask something of the page is to use it, and then it is not loaded again.
    const loads = () => server.requests.filter(({ url }) => url === address).length;
    for (let tries = 0; loads() < 2 && tries < 300; tries += 1) await delay(50);
    await page.tab.waitForLoadState('networkidle');
    await until(page.tab, () => window.rustyAudio?.player.track?.duration > 0);
    assert.equal(await page.tab.evaluate(() => window.rustyAudio.engine.mode), 'shared');
    await page.tab.keyboard.press('Space');
    await until(page.tab, () => window.rustyAudio.player.currentTime > 0.3);
    assert.equal(loads(), 2);
  } finally {
    await page.close();
  }
});

test('solo mode that the address asks for stays', { skip }, async () => {
  const { server, browser } = fixture;
  const page = await browser.open(`${server.origin}${prefix({ isolation: 'off', visit: 2 })}/www/index.html?mode=solo`);
  try {
    await until(page.tab, () => window.rustyAudio?.player.track?.duration > 0);
    assert.equal(await page.tab.evaluate(() => window.rustyAudio.engine.mode), 'solo');
    assert.equal(await page.tab.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length), 0);
  } finally {
    await page.close();
  }
});

test('an address that is none is told', { skip }, () => onPage({}, {}, async (tab) => {
  await tab.locator('#address').fill('http://[');
  await tab.locator('#address').press('Enter');
  await until(tab, () => document.querySelector('#messages .message-code')?.textContent === 'invalid-url');
}));

test('an engine that cannot start is told in a sentence', { skip }, async () => {
  const page = await fixture.browser.open(`${fixture.server.origin}${prefix({ missing: 'host_bg.wasm' })}/www/index.html`);
  try {
    await until(page.tab, () => document.querySelector('#messages .message-code')?.textContent);
    assert.equal(await page.tab.locator('#messages .message-code').first().textContent(), 'asset-not-found');
  } finally {
    await page.close();
  }
});
