// What the suites share: a server and a browser for a file or a group of tests, pages that offer something to call, and pages with the
// stage of pages/player.js.

import { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { launch } from '../drivers/index.mjs';
import { startPulseAudio } from '../drivers/pulseaudio.mjs';
import { prefix } from '../server/faults.mjs';
import { startServer } from '../server/index.mjs';
import { fromPlanes } from '../sound/sound.mjs';

/** Whether soaks and matrices run unscaled. */
export const full = process.env.RUSTY_AUDIO_FULL === 'true';

/** The two ways in which a page is served, and the mode that the engine must find there. */
export const modes = { shared: {}, solo: { isolation: 'off' } };

/**
 * Starts server and browser, which is launched with `options`, before the tests of a file or a group, and ends them after; nothing when
 * `skip`. Firefox has no sound of its own: it gets a device of `sampleRate`.
 */
export function setUp(name, { skip = false, options = {}, sampleRate = 48_000 } = {}) {
  const fixture = {};
  if (skip) return fixture;
  before(async () => {
    fixture.server = await startServer();
    if (name === 'firefox') fixture.audio = await startPulseAudio({ sampleRate });
    fixture.browser = await launch(name, { audio: fixture.audio ?? 'none', ...options });
  });
  after(async () => {
    await fixture.browser?.close();
    await fixture.audio?.close();
    await fixture.server?.close();
  });
  return fixture;
}

/** What runs the functions that `page` offers as `window[offer]`, by name; the page may still be loading. */
export function asking(page, offer) {
  return (name, ...given) => page.evaluate(`async (name, ...given) => {
    while (!window.${offer}) await new Promise((resolve) => { setTimeout(resolve, 20); });
    const found = window.${offer}[name];
    return typeof found === 'function' ? window.${offer}[name](...given) : found;
  }`, name, ...given);
}

/**
 * As `setUp`, and one page for all tests of the group: `pages/OFFER.html`, served with `faults`. `fixture.ask` calls what it offers.
 */
export function setUpPage(name, offer, { faults = {}, ...rest } = {}) {
  const fixture = setUp(name, rest);
  before(async () => {
    fixture.page = await fixture.browser.open(`${fixture.server.origin}${prefix(faults)}/pages/${offer}.html`);
  });
  fixture.ask = (...given) => asking(fixture.page, offer)(...given);
  return fixture;
}

let letters = 0;

/**
 * Opens a stage served for `mode` (in which the engine must run, or in `expected`), starts it with `options`, gives it to `act` and closes
 * it. The stage passed on has `page`, `facts` (how the engine runs) and the shorthands below.
 */
export async function onStage({ server, browser }, mode, options, act) {
  const { faults = {}, expected = mode, ...start } = options;
  const page = await browser.open(`${server.origin}${prefix({ ...modes[mode], ...faults })}/pages/player.html`);
  try {
    const facts = await page.evaluate((given) => window.stage.start(given), start);
    assert.equal(facts.mode, expected, `the engine runs in ${facts.mode} mode: ${facts.modeReason}`);
    return await act({
      page,
      facts,
      server,
      /** Runs a function of (stage, ...parameters) in the page. */
      run: (body, ...parameters) => page.evaluate(`(...parameters) => (${body})(window.stage, ...parameters)`, ...parameters),
      /** Ends the recording of a deck and returns it. */
      async captured(deck = 0) {
        const name = `capture-${letters += 1}`;
        const arrival = server.letter(name);
        await page.evaluate((index, letter) => window.stage.decks[index].capture.send(letter), deck, name);
        return fromPlanes(await arrival);
      },
    });
  } catch (error) {
    if (page.console.length > 0) error.message += `\nThe page's console:\n${page.console.slice(-20).join('\n')}`;
    throw error;
  } finally {
    await page.close();
  }
}
