// No false alarm: whatever a person does with a player is no underrun. Each deed has a page of its own, and all are done at the same time.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { missing } from '../drivers/index.mjs';
import { asking, full, modes, onStage, setUp } from './stage.mjs';

const skip = missing('chromium') || missing('chromium-tabs');
const visible = setUp('chromium', { skip });
const tabs = setUp('chromium-tabs', { skip });
// When a context is suspended Chromium may take the sound from all others for a second.
const alone = setUp('chromium', { skip });

/** A page in which nothing is done. A node there judges nothing, and notes down when it was called late. */
let witness;
async function openWitness() {
  witness ??= (async () => {
    const ask = asking(await visible.browser.open(`${visible.server.origin}/pages/foreign.html`), 'foreign');
    await ask('start', 'bare');
    return ask;
  })();
  return witness;
}

/** When that was, in all so far. */
let asked = Promise.resolve([]);
function lateCalls() {
  asked = asked.then(async (calls) => [...calls, ...(await (await openWitness())('calls')).late]);
  return asked;
}

/** So long is each deed done. */
const seconds = full ? 600 : 60;

/** What is done at first, again and again, and at last. What is not said is waiting for a second. */
const deeds = {
  plays: {},
  'is paused': {
    first: (stage) => stage.decks[0].player.pause(),
    last: (stage) => stage.decks[0].player.play(),
  },
  'is paused, plays and seeks, again and again': {
    async round({ decks: [{ player }], wait }) {
      player.pause();
      await wait(1.5);
      await player.play();
      await wait(1);
      for (const second of [3, 30, 9]) await player.seekToFrame(second * 44_100);
      await wait(1.5);
    },
  },
  'is suspended and resumed, again and again': {
    fixture: alone,
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
  'is in a hidden tab': { fixture: tabs, isHidden: true },
};

/** A timer that is so late, in milliseconds, tells that the machine was busy or stood. */
const LATE_MS = 100;

/** So far from that a gap can be of the same cause, in milliseconds. */
const NEAR_MS = 3000;

/** So far from a late call of the witness's node, in milliseconds. */
const CALL_NEAR_MS = 250;

/** When this process was called late, since it watches. It has nothing else to do. */
function watchMachine() {
  const late = [];
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    if (now - last > LATE_MS) late.push(Date.now());
    last = now;
  }, 10);
  return { late, end: () => clearInterval(timer) };
}

/**
 * Fails if anything is counted that neither the browser has lost itself nor the machine: this process was `late` at these times, and calls
 * of the witness's node at those.
 */
function assertQuiet(mode, { figures, underruns, verdict }, late, calls = []) {
  const told = JSON.stringify({ late, calls, underruns, figures });
  assert.deepEqual([figures.starvedFrames, figures.starvations], [0, 0], told);
  assert.ok(Number.isFinite(figures.load) && figures.load < 1, told);
  assert.ok(Number.isFinite(figures.gaps), `it was never known what is usual: ${told}`);
  if (mode === 'shared') assert.equal(figures.jobsRefused, 0, told);
  // On a machine that others use something may really have been lost: then it is no false alarm.
  const gaps = underruns.filter(({ kind }) => kind !== 'jobs');
  const isNear = (at) => late.some((time) => Math.abs(time - at) < NEAR_MS) || calls.some((time) => Math.abs(time - at) < CALL_NEAR_MS);
  const isTrue = figures.deviceUnderruns > 0 || (gaps.length > 0 && gaps.every(({ at }) => isNear(at)));
  assert.ok((figures.gaps === 0 && gaps.length === 0) || isTrue, told);
  if (figures.gaps === 0 && !figures.deviceUnderruns) assert.match(verdict, /^No dropouts/, told);
}

test('what starved is not taken for quiet, nor a gap while the machine ran', () => {
  const quiet = { figures: { starvedFrames: 0, starvations: 0, load: 0.1, jobsRefused: 0, gaps: 0, deviceUnderruns: 0 }, underruns: [], verdict: 'No dropouts.' };
  assertQuiet('shared', quiet, []);
  assert.throws(() => assertQuiet('shared', { ...quiet, figures: { ...quiet.figures, starvedFrames: 128, starvations: 1 } }, []), /starvedFrames/);
  const gap = { ...quiet, figures: { ...quiet.figures, gaps: 1 }, underruns: [{ kind: 'gap', at: 50_000 }] };
  assert.throws(() => assertQuiet('shared', gap, []), /gaps/);
  assert.throws(() => assertQuiet('shared', gap, [40_000]), /gaps/);
  assertQuiet('shared', gap, [49_000]);
  assert.throws(() => assertQuiet('shared', gap, [], [49_000]), /gaps/);
  assertQuiet('shared', gap, [], [49_900]);
  assert.throws(() => assertQuiet('shared', { ...gap, underruns: [] }, [49_000], [49_900]), /gaps/);
  assert.throws(() => assertQuiet('shared', { ...quiet, figures: { ...quiet.figures, gaps: null } }, [49_000]), /never known/);
});

/** Seconds after the last page has begun to play: its browser goes on compiling for a while. */
const SETTLING_SECONDS = 10;

for (const mode of Object.keys(modes)) {
  /** One page after the other begins to play, and then all do what they do. */
  let turn = Promise.resolve();
  let waiting = Object.keys(deeds).length;
  let begin;
  const allPlay = new Promise((resolve) => { begin = resolve; });

  const doing = ({ first = () => {}, round = ({ wait }) => wait(1), last = () => {}, fixture = visible, isHidden }) => onStage(fixture, mode, { decks: 0, workers: 1 }, async ({ page, run, server }) => {
    const playing = turn.then(openWitness).then(() => run(async (stage, url) => {
      stage.monitor = stage.engine.monitor;
      await stage.addDeck();
      await stage.decks[0].player.load(url);
      await stage.decks[0].player.play();
    }, `${server.origin}/track/lanterns.flac`));
    turn = playing;
    waiting -= 1;
    if (waiting === 0) begin(playing);
    await allPlay;
    // Nobody hears a hidden page's audio thread, so what is usual must be known before.
    await run(async (stage) => {
      while (stage.monitor.report().figures.gaps === null) await stage.wait(0.1);
    });
    if (isHidden) await page.hide();
    await run(async (stage, settling) => {
      await stage.wait(settling);
      stage.monitor.reset();
    }, SETTLING_SECONDS);
    assert.equal(await run(() => document.visibilityState), isHidden ? 'hidden' : 'visible');
    const machine = watchMachine();
    const report = await run(`async (stage, seconds) => {
      await (${String(first)})(stage);
      for (const end = performance.now() + 1000 * seconds; performance.now() < end;) await (${String(round).replace('async round', 'async function round')})(stage);
      await (${String(last)})(stage);
      await stage.wait(2);
      return stage.monitor.report();
    }`, seconds).finally(machine.end);
    assertQuiet(mode, report, machine.late, await lateCalls());
  });

  test(`${mode}: nothing is counted of a player, for ${seconds} s`, { skip, concurrency: Object.keys(deeds).length }, async (t) => {
    await Promise.all(Object.entries(deeds).map(([name, deed]) => t.test(`that ${name}`, () => doing(deed).catch((error) => {
      begin(Promise.reject(error));
      throw error;
    }))));
  });
}
