// What a monitor tells of audio that is not ours: bare nodes, Tone.js, howler.js; in each browser.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { launch, missing } from '../drivers/index.mjs';
import { startServer } from '../server/index.mjs';
import { asking, full, setUp } from './stage.mjs';

/** The most that Chromium's fake device holds in hand, in callbacks: a stall is lost to it from there on. Now and then it has nothing. */
const DEVICE_CALLBACKS = 2;

/** Wall clocks of worklets have whole milliseconds; a stall is from one of their steps to another. */
const CLOCK_MS = 2;

/** What browsers send when a page is left, of all its beacons together. */
const BEACON_BYTES = 65_536;

/** For what is counted by the second. */
const SECONDS = 3;

const QUIET_SECONDS = full ? 600 : 12;

/** The shortest stall that can be told from what is usual there. */
const browsers = [
  { name: 'chromium', stalls: [50, 100, 200] },
  { name: 'firefox', stalls: [100, 200] },
  { name: 'webkit', stalls: [100, 200] },
];

for (const { name, stalls } of browsers) {
  describe(name, { skip: missing(name) }, () => {
    const fixture = setUp(name);

    /** Opens an application's page, and gives `act` what runs a function of `foreign` there. */
    async function watching(application, act, mode = null) {
      const page = await fixture.browser.open(`${fixture.server.origin}/pages/foreign.html`);
      const ask = asking(page, 'foreign');
      try {
        assert.equal((await ask('start', application, mode)).state, 'running');
        return await act(ask);
      } finally {
        await ask('end');
        await page.close();
      }
    }

    /** Stalls the audio thread once. Returns what the monitor told wrongly of it, null if nothing. */
    async function stallOnce(ask, stall) {
      await ask('reset');
      await ask('stall', stall);
      // playbackStats change once a second, and the monitor looks once a second.
      await ask('wait', 3);
      const { figures, state } = await ask('read');
      const gaps = state.underruns.filter(({ kind }) => kind === 'gap');
      const { callbackMilliseconds: callback, gapThresholdMilliseconds: threshold } = figures;
      const within = Math.max(callback, threshold - callback) + CLOCK_MS;
      const found = gaps.find(({ milliseconds }) => Math.abs(milliseconds - stall) <= within);
      if (!found) return `${stall} ms within ${within} ms is not in ${JSON.stringify(gaps)}`;
      assert.equal(found.cause, null, 'nobody recorded the threads of others');
      assert.ok(figures.gaps >= 1 && figures.worstGapMilliseconds >= found.milliseconds - 1, JSON.stringify(figures));
      assert.ok(['bad', 'warning'].includes(state.level), state.verdict);
      if (name !== 'chromium') return null;
      // Within one callback, which is also what the browser counts in.
      const lost = figures.deviceLostMilliseconds;
      const least = found.milliseconds - (DEVICE_CALLBACKS + 1) * callback - CLOCK_MS;
      const most = found.milliseconds + callback + CLOCK_MS;
      return lost >= least && lost <= most ? null : `the browser lost ${lost} ms, where ${least} to ${most} are expected`;
    }

    for (const application of ['bare', 'tone', 'howler']) {
      test(`${application}: each stall of the audio thread is seen, as long as it was`, async () => {
        await watching(application, async (ask) => {
          await ask('wait', 4);
          // What is known of the monitor itself is known from bare nodes.
          for (const stall of full || application === 'bare' ? stalls : stalls.slice(-1)) {
            // Others use this machine too: what they take from the audio thread before or after is lost as well.
            let wrong;
            for (let round = 0; round < 3 && wrong !== null; round += 1) wrong = await stallOnce(ask, stall);
            assert.equal(wrong, null);
          }
        });
      });
    }

    test('of an engine in solo mode, whose threads nobody recorded, each stall is told as well', async () => {
      await watching('bare', async (ask) => {
        await ask('wait', 4);
        let wrong;
        for (let round = 0; round < 3 && wrong !== null; round += 1) wrong = await stallOnce(ask, stalls.at(-1));
        assert.equal(wrong, null);
      }, 'solo');
    });

    test('a display that cannot be seen has its own monitor look once a second, and no gap is lost', async () => {
      await watching('bare', async (ask) => {
        await ask('display');
        await ask('wait', 4);
        const seen = await ask('callsIn', SECONDS);
        assert.ok(seen.timers > 3 * SECONDS && seen.messages > 3 * SECONDS, JSON.stringify(seen));
        await ask('hide', true);
        await ask('wait', 1);
        const unseen = await ask('callsIn', SECONDS);
        assert.ok(unseen.timers <= SECONDS + 1 && unseen.messages <= SECONDS + 2, JSON.stringify(unseen));
        let wrong;
        for (let round = 0; round < 3 && wrong !== null; round += 1) wrong = await stallOnce(ask, stalls.at(-1));
        assert.equal(wrong, null);
        await ask('hide', false);
        const again = await ask('callsIn', SECONDS);
        assert.ok(again.timers > 3 * SECONDS && again.messages > 3 * SECONDS, JSON.stringify(again));
      });
    });

    test(`nothing is counted in ${QUIET_SECONDS} s in which nothing happens, nor in a pause, nor while the page rebuilds its graph`, async () => {
      await watching('bare', async (ask) => {
        await ask('wait', 3);
        await ask('reset');
        await ask('calls');
        const thresholds = [await ask('lowestThreshold', QUIET_SECONDS / 2)];
        const calls = [await ask('calls')];
        await ask('suspend');
        await ask('wait', 2);
        await ask('resume');
        const paused = (await ask('calls')).step;
        thresholds.push(await ask('lowestThreshold', QUIET_SECONDS / 2));
        calls.push(await ask('calls'));
        thresholds.push(await ask('lowestThresholdRebuilding', SECONDS));
        calls.push(await ask('calls'));
        const { figures, state } = await ask('read');
        assert.ok(paused >= 1500, `${paused} ms of pause`);
        assert.deepEqual(state.states.slice(-2).map((change) => change.state), ['suspended', 'running']);
        const wasLate = Math.max(...calls.map(({ rise }) => rise)) >= Math.min(...thresholds);
        if (name === 'chromium') assert.equal(figures.gaps > 0, figures.deviceUnderruns > 0, 'what the browser does not lose is no gap');
        // A machine that others use may really have called late; then one gap is one.
        else if (!wasLate) assert.equal(figures.gaps, 0, JSON.stringify({ state, calls, thresholds }));
        if (figures.gaps === 0 && !figures.deviceUnderruns) assert.equal(state.level, 'good', state.verdict);
        // What is known of a drift in less than half a minute is how much callbacks vary.
        if (!full) assert.equal(figures.driftPpm, null);
        else assert.ok(Math.abs(figures.driftPpm) < 1000, `${figures.driftPpm} ppm`);
      });
    });

    test('what cannot be known here is null, and a report is JSON without it', async () => {
      await watching('bare', async (ask) => {
        await ask('wait', 1);
        const report = await ask('report');
        const unknown = ['starvedFrames', 'ringMilliseconds', 'jobP50Milliseconds', 'load', 'workersWorking', 'memoryUsedBytes', 'faults', 'engineLatencyMilliseconds'];
        for (const figure of unknown) assert.equal(report.figures[figure], null, figure);
        if (name !== 'chromium') assert.equal(report.figures.deviceUnderruns, null, 'no other browser counts');
        assert.ok(report.figures.baseLatencyMilliseconds >= 0);
        assert.match(report.format, /^\d+ Hz.*no engine of ours$/);
        assert.doesNotMatch(JSON.stringify(report), /Mozilla|http|userAgent/i, 'nothing that tells of a person or a place');
        const { traceEvents } = JSON.parse(await ask('trace'));
        assert.ok(traceEvents.some(({ name: event }) => /context/i.test(event)), 'the trace has what the page noted down');
      });
    });
  });
}

/** A quantum of a millisecond. */
const QUANTUM_FRAMES = 48;

/** The worklet's ear in a scope whose clocks are set by hand: `call()` is a quantum, `posted` what it tells. */
function earIn() {
  const scope = { currentFrame: 0, wall: 1_700_000_000_000 };
  const posted = [];
  const port = { postMessage: (data) => posted.push(data) };
  class AudioWorkletProcessor { port = port; }
  const globals = { AudioWorkletProcessor, registerProcessor: (_, Processor) => { scope.ear = new Processor(); }, Date: { now: () => scope.wall } };
  Object.defineProperty(globals, 'currentFrame', { get: () => scope.currentFrame });
  runInNewContext(readFileSync(new URL('../../../worklet/meter.js', import.meta.url), 'utf8'), globals);
  return Object.assign(scope, { posted, say: (data) => port.onmessage({ data }), call: () => scope.ear.process([], [[new Float32Array(QUANTUM_FRAMES)]]) });
}

test('the ear loses no stamp of the fastest callbacks between two messages, and says so when nobody answers', () => {
  // Now and then Chromium tells the last of so many quanta that it was given the graph in.
  for (const [interval, told] of [[100, 1], [1000, 1], [100, 23]]) {
    const scope = earIn();
    scope.say(interval);
    const frames = [];
    for (let millisecond = 0; millisecond < 20_000; millisecond += 1) {
      scope.wall += 1;
      if (millisecond % told === 0) scope.currentFrame = QUANTUM_FRAMES * (millisecond + 1);
      scope.call();
      for (const [dropped, ...stamps] of scope.posted.splice(0)) {
        assert.equal(dropped, 0);
        for (let place = 0; place < stamps.length; place += 2) frames.push(stamps[place]);
        scope.say(interval);
      }
    }
    assert.ok(frames.length > 18_000, `${frames.length} stamps`);
    assert.ok(frames.every((frame, place) => frame === QUANTUM_FRAMES * (place + 1)), 'each of them once');
    for (let millisecond = 0; millisecond < 20_000; millisecond += 1) {
      scope.wall += 1;
      scope.call();
    }
    assert.equal(scope.posted.length, 4, 'nobody answers');
    scope.say(interval);
    scope.wall += 1;
    scope.call();
    assert.equal(scope.posted.at(-1)[0], 1, 'some are missing before these');
  }
});

test('what is no live context of this page is refused', { skip: missing('chromium') }, async () => {
  const server = await startServer();
  const browser = await launch('chromium');
  try {
    const page = await browser.open(`${server.origin}/pages/foreign.html`);
    const codes = await page.evaluate(`async () => {
      const { Monitor } = await import('/package/index.js');
      const codes = [];
      for (const context of [null, {}, new OfflineAudioContext(1, 128, 48_000)]) {
        codes.push(await Monitor.attach(context).then(() => null, ({ code }) => code));
      }
      return codes;
    }`);
    assert.deepEqual(codes, Array(3).fill('invalid-argument'));
    await page.close();
  } finally {
    await browser.close();
    await server.close();
  }
});

test('the example of reports posts what a collector needs, and nothing of a person', { skip: missing('chromium') }, async () => {
  const server = await startServer();
  const browser = await launch('chromium');
  try {
    const arrival = server.letter('report');
    const page = await browser.open(`${server.origin}/www/report/index.html?collector=/letters/report&seconds=1`);
    await page.tab.click('#start');
    const text = String(await arrival);
    const report = JSON.parse(text);
    assert.equal(report.figures.starvations, null, 'there is no player');
    assert.equal(report.figures.deviceUnderruns, 0);
    assert.ok(report.figures.memoryUsedBytes > 0);
    assert.match(report.verdict, /\.$/);
    assert.doesNotMatch(text, /Mozilla|http|127\.0\.0\.1|userAgent/i);
    assert.ok(report.events.length > 10 && report.events.length <= 200, `${report.events.length} events`);
    assert.ok(report.events.some((event) => / Audio @\d+ Quanta /.test(event)), report.events.slice(-5).join('\n'));
    assert.ok(Buffer.byteLength(text) <= BEACON_BYTES / 2, `${Buffer.byteLength(text)} bytes`);
    const last = server.letter('report');
    await page.tab.evaluate(() => {
      Object.defineProperty(document, 'visibilityState', { value: 'hidden' });
      document.dispatchEvent(new Event('visibilitychange'));
    });
    assert.ok(JSON.parse(String(await last)).now >= report.now, 'a last one when the page is left');
    assert.deepEqual(page.console, []);
    await page.close();
  } finally {
    await browser.close();
    await server.close();
  }
});

test('reports come at the chosen interval until they are ended, and an interval out of range is refused', { skip: missing('chromium') }, async () => {
  const server = await startServer();
  const browser = await launch('chromium');
  try {
    const page = await browser.open(`${server.origin}/pages/foreign.html`);
    const seen = await page.evaluate(`async () => {
      const { Engine } = await import('/package/index.js');
      const wait = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
      const context = new AudioContext();
      const engine = await Engine.create(context);
      const codes = [0.5, 86_401, NaN, '1'].map((intervalSeconds) => {
        try { engine.on('report', () => {}, { intervalSeconds })(); return null; } catch ({ code }) { return code; }
      });
      let reports = 0;
      const end = engine.on('report', ({ figures }) => { reports += 'gaps' in figures ? 1 : 0; }, { intervalSeconds: 1 });
      await wait(3500);
      const before = reports;
      end();
      await wait(1500);
      const offline = await Engine.create(new OfflineAudioContext(2, 128, 48_000));
      const result = { codes, before, after: reports, same: engine.monitor === engine.monitor, offline: offline.monitor };
      await engine.dispose();
      await offline.dispose();
      return result;
    }`);
    assert.deepEqual(seen.codes, ['invalid-argument', 'invalid-argument', 'invalid-argument', null]);
    assert.ok(seen.before >= 1 && seen.before <= 3, `${seen.before} reports in 3.5 s`);
    assert.equal(seen.after, seen.before);
    assert.deepEqual([seen.same, seen.offline], [true, null]);
    await page.close();
  } finally {
    await browser.close();
    await server.close();
  }
});
