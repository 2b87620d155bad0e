// A page's life around an engine: it is left and comes back, is loaded again and again, is stopped with its process, and its clock is set.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { missing } from '../drivers/index.mjs';
import { memoryBytes, tree } from '../drivers/processes.mjs';
import { prefix } from '../server/faults.mjs';
import { FADE_FRAMES, assertSame, locate } from '../sound/compare.mjs';
import { decode, trackPath } from '../sound/reference.mjs';
import { full, modes, onStage, setUp } from './stage.mjs';

const skip = missing('chromium-tabs');
const fixture = setUp('chromium-tabs', { skip });

/** A frame of the track from which on it is never silent. */
const loud = 450_000;

const play = (stage, url, from) => (async () => {
  const [deck] = stage.decks;
  await deck.player.load(url);
  await deck.player.seekToFrame(from);
  await deck.capture.start();
  await deck.player.play();
})();

/** What no other load of the machine makes. */
const longGaps = (state) => state.underruns.filter(({ kind, milliseconds }) => kind === 'gap' && milliseconds >= 1000);

/** Fails if memory grows with each load: by the median of what each two loads are apart (Theil and Sen); `series` has the bytes after each. */
function assertFlat(series) {
  const slopes = series.flatMap((first, from) => series.slice(from + 1).map((second, gap) => (second - first) / (gap + 1)));
  const grown = slopes.sort((a, b) => a - b)[Math.floor(slopes.length / 2)];
  // An engine alone has 20 MiB; what the browser has not thrown away yet comes and goes.
  assert.ok(grown < 10 * 2 ** 20, `${Math.round(grown / 2 ** 20)} MiB more with each load: ${series.map((bytes) => Math.round(bytes / 2 ** 20))}`);
}

test('the comparison notices a page that keeps its engine', () => {
  assertFlat([900, 1010, 980, 1000, 1040, 990, 1010, 970, 1000].map((mebibytes) => mebibytes * 2 ** 20));
  assert.throws(() => assertFlat(Array.from({ length: 9 }, (_, load) => (900 + 20 * load) * 2 ** 20)), /20 MiB more/);
});

for (const mode of Object.keys(modes)) {
  const loads = full ? 50 : 9;
  test(`${mode}: ${loads} times loaded again, memory is flat`, { skip: skip || (mode === 'solo' && !full && 'only with --full') }, async () => {
    const page = await fixture.browser.open(`${fixture.server.origin}${prefix(modes[mode])}/pages/player.html`);
    const session = await page.tab.createCDPSession();
    const series = [];
    try {
      for (let load = 0; load < loads + 2; load += 1) {
        const sounds = await page.evaluate(async (url) => {
          const { stage } = window;
          await stage.start({ workers: 2 });
          const [{ player }] = stage.decks;
          await player.load(url);
          await player.play();
          await stage.wait(0.3);
          return player.telemetry.peakLeft > 0;
        }, `${fixture.server.origin}/track/excerpt-s16le.wav`);
        assert.ok(sounds);
        await page.tab.reload();
        await session.send('HeapProfiler.collectGarbage');
        await delay(500);
        // The first loads fill caches.
        if (load >= 2) series.push(memoryBytes(tree(fixture.browser.pid)));
      }
      assertFlat(series);
    } finally {
      await page.close();
    }
  });

  test(`${mode}: a renderer that was stopped for a while: that is told, with one gap at most, and the sound goes on at its frame`, { skip }, async () => {
    const reference = await decode(trackPath('lanterns.flac'));
    const { facts, capture } = await onStage(fixture, mode, {}, async ({ run, server, captured }) => {
      await run(play, `${server.origin}/track/lanterns.flac`, loud);
      await run(async (stage) => {
        stage.monitor = stage.engine.monitor;
        await stage.wait(3);
      });
      const renderers = tree(fixture.browser.pid).filter(({ command }) => command.includes('--type=renderer'));
      renderers.forEach(({ pid }) => process.kill(pid, 'SIGSTOP'));
      await delay(1500);
      renderers.forEach(({ pid }) => process.kill(pid, 'SIGCONT'));
      const facts = await run(async (stage) => {
        await stage.wait(3);
        const [{ player, errors }] = stage.decks;
        const { figures } = stage.monitor.report();
        return { state: stage.monitor.state(), figures, starved: player.telemetry.starvedFrames, errors, faults: stage.engine.report().faults };
      });
      return { facts, capture: await captured() };
    });
    const { state, figures, ...rest } = facts;
    // Whether the meter of gaps has learnt enough by then depends on the machine; the browser counts in any case.
    assert.ok(longGaps(state).length <= 1, JSON.stringify(state.underruns));
    assert.ok(state.underruns.some(({ kind, milliseconds }) => ['gap', 'device'].includes(kind) && milliseconds >= 1000), JSON.stringify(state.underruns));
    assert.ok(Object.values(figures).every((figure) => figure === null || Number.isFinite(figure)), JSON.stringify(figures));
    assert.deepEqual(rest, { starved: 0, errors: [], faults: [] });
    const from = loud + FADE_FRAMES;
    assertSame(capture, reference, locate(capture, reference, from), from, from + 4 * 44_100);
  });
}

for (const mode of Object.keys(modes)) {
  test(`${mode}: a page that comes back from the cache plays on where it was left`, { skip }, async (t) => {
    const { server, browser } = fixture;
    const pages = `${server.origin}${prefix({ ...modes[mode], cache: 'max-age=60' })}/pages`;
    const page = await browser.open(`${pages}/player.html`);
    const track = `${server.origin}/track/lanterns.flac`;
    try {
      await page.evaluate(async (url, from) => {
        const { stage } = window;
        await stage.start({ workers: 2 });
        const [{ player }] = stage.decks;
        await player.load(url);
        await player.seekToFrame(from);
        await player.play();
        await stage.wait(1);
      }, track, loud);
      await page.tab.goto(`${pages}/worklet.html`);
      await delay(2000);
      await page.tab.goBack();
      const kept = await page.evaluate(() => window.stage.decks.length > 0);
      t.diagnostic(kept ? 'the browser has kept the page' : 'the browser has not kept the page, which starts anew');
      const facts = await page.evaluate(async (url, from, isKept) => {
        const { stage } = window;
        if (!isKept) {
          await stage.start({ workers: 2 });
          await stage.decks[0].player.load(url);
          await stage.decks[0].player.seekToFrame(from);
        }
        const [deck] = stage.decks;
        await deck.player.play();
        const before = deck.player.currentFrame;
        await stage.wait(1.5);
        const { value } = await stage.engine.submit({ kind: 'test', seed: 9, slices: 4 });
        const { real } = await stage.engine.computeFft(new Float32Array(64).fill(1));
        return { goesOn: deck.player.currentFrame - before > 22_050, isBehind: before >= from, starved: deck.player.telemetry.starvedFrames, errors: deck.errors, faults: stage.engine.report().faults, sum: real[0], computed: value !== undefined };
      }, track, loud, kept);
      assert.deepEqual(facts, { goesOn: true, isBehind: true, starved: 0, errors: [], faults: [], sum: 64, computed: true });
    } finally {
      await page.close();
    }
  });
}

test('a wall clock that is set: far off it is no gap, nearby it is one at most', { skip }, async () => {
  const facts = await onStage(fixture, 'shared', { decks: 0 }, ({ run }) => run(async (stage) => {
    const { context, engine, wait } = stage;
    await context.resume();
    await context.audioWorklet.addModule(new URL('clock.js', location.href));
    const clock = new AudioWorkletNode(context, 'clock');
    clock.connect(context.destination);
    const { monitor } = engine;
    const after = async (off) => {
      await wait(3);
      clock.port.postMessage(off);
      await wait(2);
      return monitor.state().underruns;
    };
    const far = [await after(7_200_000), await after(0)];
    const near = await after(5_000);
    return { far, near, figures: monitor.report().figures };
  }));
  for (const underruns of facts.far) assert.deepEqual(longGaps({ underruns }), []);
  assert.ok(longGaps({ underruns: facts.near }).length <= 1, JSON.stringify(facts.near));
  assert.ok(Object.values(facts.figures).every((figure) => figure === null || Number.isFinite(figure)), JSON.stringify(facts.figures));
});
