// The demo page, as a person uses it: by mouse, by keyboard, by drag and drop, at two sizes and in two themes.

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { missing } from '../drivers/index.mjs';
import { prefix } from '../server/faults.mjs';
import { makeBroken, materialPath } from '../sound/material.mjs';
import { trackPath } from '../sound/reference.mjs';
import { modes, setUp } from './stage.mjs';

const skip = missing('chromium');
const fixture = setUp('chromium', { skip });
const pictures = fileURLToPath(new URL('../../../target/screenshots/', import.meta.url));
before(() => {
  if (skip) return;
  makeBroken();
  mkdirSync(pictures, { recursive: true });
});

/** Opens the page, waits until it can play, and gives it to `act`; nothing may go wrong on its console. */
async function onPage(faults, options, act) {
  const page = await fixture.browser.open(`${fixture.server.origin}${prefix(faults)}/www/index.html`, options);
  try {
    await until(page.tab, () => window.rustyAudio?.player.track?.duration > 0);
    await act(page.tab);
    assert.deepEqual(page.console.filter((line) => /^(error|uncaught)/.test(line)), []);
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

const sizes = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 800 } };
for (const [size, viewport] of Object.entries(sizes)) {
  for (const colorScheme of ['light', 'dark']) {
    test(`${size}, ${colorScheme}: nothing is cut off`, { skip }, () => onPage({}, { viewport, colorScheme }, async (tab) => {
      await tab.locator('#play-button').click();
      await until(tab, () => window.rustyAudio.player.currentTime > 1.5);
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
    }));
  }
}

test('an engine that cannot start is told in a sentence', { skip }, async () => {
  const page = await fixture.browser.open(`${fixture.server.origin}${prefix({ missing: 'host_bg.wasm' })}/www/index.html`);
  try {
    await until(page.tab, () => document.querySelector('#messages .message-code')?.textContent);
    assert.equal(await page.tab.locator('#messages .message-code').first().textContent(), 'asset-not-found');
  } finally {
    await page.close();
  }
});
