// No false alarm: whatever a person does with a player is no underrun. Each deed has a page of its own, and all are done at the same time.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { missing } from '../drivers/index.mjs';
import { full, modes, onStage, setUp } from './stage.mjs';

const skip = missing('chromium') || missing('chromium-tabs');
const visible = setUp('chromium', { skip });
const tabs = setUp('chromium-tabs', { skip });

/** So long is each deed done. */
const seconds = full ? 600 : 60;

/** What is done at first, again and again, and at last. What is not said is waiting for a second. */
const deeds = {
  plays: {},
  'is paused': {
    first: (stage) => stage.decks[0].player.pause(),
    last: (stage) => stage.decks[0].player.play(),
  },
  'is paused and plays, again and again': {
    async round({ decks: [{ player }], wait }) {
      player.pause();
      await wait(1.5);
      await player.play();
      await wait(1.5);
    },
  },
  'seeks, again and again': {
    async round({ decks: [{ player }], wait }) {
      for (const second of [3, 30, 9]) await player.seekToFrame(second * 44_100);
      await wait(2);
    },
  },
  'is suspended and resumed, again and again': {
    async round({ context, wait }) {
      await context.suspend();
      await wait(3);
      await context.resume();
      await wait(3);
    },
  },
  'stays at its end': {
    first: ({ decks: [{ player }] }) => player.seekToFrame(Math.round((player.duration - 1) * 44_100)),
  },
  'comes to its end and begins anew, again and again': {
    async round({ decks: [{ player }], wait }) {
      await player.seekToFrame(Math.round((player.duration - 1) * 44_100));
      await wait(3);
      await player.seekToFrame(0);
      await player.play();
      await wait(2);
    },
  },
  'is in a hidden tab': { isHidden: true },
};

/** Fails if anything is counted that the browser has not lost itself. */
function assertQuiet(mode, { figures, underruns, verdict }) {
  const told = JSON.stringify({ underruns, figures });
  assert.deepEqual([figures.starvedFrames, figures.starvations], [0, 0], told);
  assert.ok(Number.isFinite(figures.load) && figures.load < 1, told);
  if (mode === 'shared') assert.equal(figures.jobsRefused, 0, told);
  // On a machine that others use the browser may really have lost something: then it is no false alarm.
  assert.ok(figures.gaps === 0 || figures.deviceUnderruns > 0, told);
  assert.ok(underruns.every(({ kind }) => kind === 'jobs') || figures.deviceUnderruns > 0, told);
  if (!figures.deviceUnderruns) assert.match(verdict, /^No dropouts/, told);
}

/** A page that starves. */
const STARVED = { figures: { starvedFrames: 128, starvations: 1, load: 0.1, jobsRefused: 0, gaps: 0, deviceUnderruns: 0 }, underruns: [], verdict: '' };

test('what starved is not taken for quiet', () => {
  assert.throws(() => assertQuiet('shared', STARVED), /starvedFrames/);
});

for (const mode of Object.keys(modes)) {
  const starting = [];
  let begin;
  const allStarted = new Promise((resolve) => { begin = resolve; });

  /** Plays, waits until all others do, and does it. */
  const doing = ({ first, round = ({ wait }) => wait(1), last = () => {}, isHidden }) => onStage(isHidden ? tabs : visible, mode, { decks: 0, workers: 1 }, async ({ page, run, server }) => {
    starting.push(run(async (stage, url) => {
      stage.monitor = stage.engine.monitor;
      await stage.addDeck();
      await stage.decks[0].player.load(url);
      await stage.decks[0].player.play();
    }, `${server.origin}/track/lanterns.flac`));
    if (starting.length === Object.keys(deeds).length) begin(Promise.all(starting));
    await allStarted;
    await run(async (stage) => {
      await stage.wait(3);
      stage.monitor.reset();
    });
    if (isHidden) await page.hide();
    assert.equal(await run(() => document.visibilityState), isHidden ? 'hidden' : 'visible');
    const report = await run(`async (stage, seconds) => {
      await (${String(first ?? (() => {}))})(stage);
      for (const end = performance.now() + 1000 * seconds; performance.now() < end;) await (${String(round).replace('async round', 'async function round')})(stage);
      await (${String(last)})(stage);
      await stage.wait(2);
      return stage.monitor.report();
    }`, seconds);
    assertQuiet(mode, report);
  });

  test(`${mode}: nothing is counted of a player, for ${seconds} s`, { skip, concurrency: Object.keys(deeds).length }, async (t) => {
    await Promise.all(Object.entries(deeds).map(([name, deed]) => t.test(`that ${name}`, () => doing(deed).catch((error) => {
      begin(Promise.reject(error));
      throw error;
    }))));
  });
}
