// The measured round trip, through a real loop: a sink of PulseAudio, and a microphone that hears it.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, missing } from '../drivers/index.mjs';
import { startPulseAudio } from '../drivers/pulseaudio.mjs';
import { startServer } from '../server/index.mjs';

const DELAY_SECONDS = 0.1;
/** A click is found at its first sample above a threshold, and resampled on its way in Firefox. */
const CLICK_TOLERANCE_FRAMES = 2;

const needsPulseAudio = missing('firefox');
for (const browser of ['chromium', 'firefox', 'webkit']) {
  describe(browser, { skip: missing(browser) || needsPulseAudio }, () => {
    const fixture = {};
    before(async () => {
      fixture.server = await startServer();
      fixture.audio = await startPulseAudio({ microphone: true });
      fixture.browser = await launch(browser, { audio: fixture.audio, preferences: { 'media.navigator.permission.disabled': true } });
    });
    after(async () => {
      await fixture.browser?.close();
      await fixture.audio?.close();
      await fixture.server?.close();
    });

    /** A fresh page, which may use the microphone unless it is said otherwise. */
    async function onPage(act, { granted = true } = {}) {
      const page = await fixture.browser.open(`${fixture.server.origin}/pages/roundtrip.html`);
      try {
        if (browser === 'chromium' && granted) await page.tab.context().grantPermissions(['microphone']);
        await page.evaluate(async () => { while (!window.roundTrip) await new Promise((resolve) => { setTimeout(resolve, 20); }); });
        return await act(Object.assign((body, ...parameters) => page.evaluate(body, ...parameters), {
          measure: (options = {}) => page.evaluate((given) => window.roundTrip.measure(given), options),
          microphones: () => page.evaluate(() => window.roundTrip.microphones()),
        }));
      } finally {
        await page.close();
      }
    }

    /** Measures until three clicks have come in meanwhile: a busy machine loses some, and then nothing judges the noise. */
    async function judged(run, delaySeconds) {
      for (let attempt = 0; attempt < 5; attempt += 1) {
        const { result, error, clicks } = await run.measure({ delaySeconds, clicks: true });
        assert.deepEqual(error, undefined);
        if (clicks.length >= 3) return { result, clicks };
      }
      return assert.fail('of five measurements none had three clicks');
    }

    test('the noise takes as long as clicks by the same way, and longer by a delay that is put in', async () => {
      await onPage(async (run) => {
        for (const delaySeconds of [0, DELAY_SECONDS, 0, DELAY_SECONDS]) {
          const { result, clicks } = await judged(run, delaySeconds);
          const took = result.frames - 48_000 * delaySeconds;
          const [least, most] = [Math.min(...clicks) - CLICK_TOLERANCE_FRAMES, Math.max(...clicks) + CLICK_TOLERANCE_FRAMES];
          assert.ok(took >= least && took <= most, `the noise took ${took} frames and ${48_000 * delaySeconds} of the delay; the clicks ${clicks}`);
          assert.ok(result.qualityDecibels >= 20, `${result.qualityDecibels} dB`);
          assert.equal(result.milliseconds.toFixed(6), (result.frames / 48).toFixed(6));
          assert.notEqual(result.microphone, '');
        }
        const { asked, states } = await run.microphones();
        assert.ok(asked >= 4);
        assert.deepEqual(states, Array(asked).fill('ended'));
      });
    });

    test('what was measured is remembered, and storage that is blocked is no error', async () => {
      await onPage(async (run) => {
        await run(() => localStorage.clear());
        assert.equal(await run(() => window.roundTrip.remembered()) ?? null, null);
        const { result } = await run.measure();
        const { at, ...rest } = await run(() => window.roundTrip.remembered());
        assert.deepEqual(rest, { milliseconds: result.milliseconds, microphone: result.microphone });
        assert.ok(Math.abs(await run(() => Date.now()) - at) < 60_000, `remembered as of ${at}`);
        // A later one through another microphone is newer, one on another output is not asked for, and one is no measurement.
        await run((given) => {
          const [key] = Object.keys(localStorage);
          const output = key.slice(0, key.lastIndexOf(' '));
          localStorage.setItem(`${output} another`, JSON.stringify({ milliseconds: 5, at: given + 1, microphone: 'another' }));
          localStorage.setItem(`${output}-2 another`, JSON.stringify({ milliseconds: 6, at: given + 2, microphone: 'another' }));
          localStorage.setItem(`${output} broken`, '{');
        }, at);
        assert.deepEqual(await run(() => window.roundTrip.remembered()), { milliseconds: 5, at: at + 1, microphone: 'another' });
        await run(() => window.roundTrip.blockStorage());
        assert.equal((await run.measure()).error, undefined);
        assert.equal(await run(() => window.roundTrip.remembered()) ?? null, null);
      });
    });

    test('a display measures, and shows what was measured', async () => {
      await onPage(async (run) => {
        // Others use this machine too, and may take the sound away for a while.
        let said = '';
        for (let attempt = 0; attempt < 3 && !/^[\d.]+ ms/.test(said); attempt += 1) said = await run(() => window.roundTrip.display());
        assert.match(said, /^[\d.]+ ms by the microphone “.+”, \d+ dB out of the noise\.$/);
      });
    });

    test('a microphone that gives silence is refused', async () => {
      fixture.audio.mute(true);
      try {
        await onPage(async (run) => {
          const { error } = await run.measure();
          assert.deepEqual([error.name, error.code], ['EngineError', 'no-round-trip']);
          assert.match(error.message, /silence/);
          assert.deepEqual((await run.microphones()).states, ['ended']);
        });
      } finally {
        fixture.audio.mute(false);
      }
    });

    test('without the word that the person was warned there is no sound, and nobody is asked', async () => {
      await onPage(async (run) => {
        for (const volumeIsLow of [false, 'yes', null]) {
          const { error } = await run.measure({ volumeIsLow });
          assert.equal(error.code, 'volume-unconfirmed');
          assert.match(error.advice, /loud noise/);
        }
        assert.deepEqual(await run.microphones(), { asked: 0, states: [] });
        assert.equal(await run(() => window.roundTrip.offline()), 'invalid-argument');
      });
    });

    test('aborted in the middle, the noise ends and the microphone is let go of', async () => {
      await onPage(async (run) => {
        const { error } = await run.measure({ abort: 'heard' });
        assert.equal(error.code, 'aborted');
        await run(() => window.roundTrip.quiet());
        assert.deepEqual((await run.microphones()).states, ['ended']);
      });
    });

    test('aborted while the microphone is asked for, it is let go of when it is given', async () => {
      await onPage(async (run) => {
        await run(() => window.roundTrip.late(2));
        const { error } = await run.measure({ abort: 'asked' });
        assert.equal(error.code, 'aborted');
        await run(async () => {
          while (window.roundTrip.microphones().states[0] !== 'ended') await new Promise((resolve) => { setTimeout(resolve, 20); });
        });
      });
    });

    test('a microphone that is refused has a code', { skip: browser !== 'chromium' && 'its driver grants every page the microphone' }, async () => {
      await onPage(async (run) => {
        const { error } = await run.measure();
        assert.deepEqual([error.name, error.code], ['EngineError', 'microphone-unavailable']);
        assert.match(error.message, /NotAllowedError/);
      }, { granted: false });
    });
  });
}
