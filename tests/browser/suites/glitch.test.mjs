// The sound goes on, whatever the rest of the page and of the machine does.
//
// Chromium's fake audio device keeps a steady clock, so that an underrun is ours and not the machine's.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { missing } from '../drivers/index.mjs';
import { FADE_FRAMES, assertSame, locate } from '../sound/compare.mjs';
import { decode, trackPath } from '../sound/reference.mjs';
import { frameCount, joined, part } from '../sound/sound.mjs';
import { full, modes, onStage, setUp } from './stage.mjs';

const skip = missing('chromium');
const fixture = setUp('chromium', { skip });
const tabs = setUp('chromium-tabs', { skip });

/** Everything from the first frame after the fade-in on is the reference, and nothing starved. */
function assertUnbroken(capture, reference, firstFrame, seconds, facts) {
  const offset = locate(capture, reference, firstFrame + FADE_FRAMES, { frames: 1024 });
  const frames = Math.min(frameCount(reference), frameCount(capture) - offset);
  assert.ok(frames - firstFrame > seconds * 44_100, `${(frames - firstFrame) / 44_100} s of sound in ${seconds} s`);
  assertSame(capture, reference, offset, firstFrame + FADE_FRAMES, frames);
  assert.equal(facts.starvedFrames, 0, 'starved frames');
  assert.equal(facts.starvationEvents, 0, 'starvations');
}

const seconds = full ? 600 : 20;

for (const mode of Object.keys(modes)) {
  test(`${mode}: ${seconds} s with the main thread blocked half of the time`, { skip }, async () => {
    const once = await decode(trackPath('lanterns.flac'));
    const { facts, capture } = await onStage(fixture, mode, {}, async ({ run, server, captured }) => {
      const facts = await run(async (stage, url, length) => {
        const [{ player, capture }] = stage.decks;
        await player.load(url);
        player.loop = true;
        await capture.start();
        await player.play();
        await stage.wait(0.5);
        const before = stage.underruns();
        const end = performance.now() + length * 1000;
        // Pieces from 5 ms to 900 ms, as long at work as at rest.
        const pieces = [0.005, 0.05, 0.9, 0.2, 0.02, 0.4];
        for (let index = 0; performance.now() < end; index += 1) {
          stage.block(pieces[index % pieces.length]);
          await stage.wait(pieces[index % pieces.length]);
        }
        const { starvedFrames, starvationEvents } = player.telemetry;
        return { starvedFrames, starvationEvents, before, after: stage.underruns() };
      }, `${server.origin}/track/lanterns.flac`, seconds);
      return { facts, capture: await captured() };
    });
    assertUnbroken(capture, joined(...Array(Math.ceil(seconds / 60) + 1).fill(once)), 44_100, seconds - 2, facts);
    assert.ok(facts.after, 'this Chromium has playbackStats');
    assert.equal(facts.after.events - facts.before.events, 0, `underruns that the browser reports: ${JSON.stringify(facts.after)}`);
  });

  test(`${mode}: the main thread blocked for five seconds, right after play and in the middle`, { skip }, async () => {
    const reference = await decode(trackPath('lanterns.flac'));
    const { facts, capture } = await onStage(fixture, mode, {}, async ({ run, server, captured }) => {
      const facts = await run(async (stage, url) => {
        const [{ player, capture }] = stage.decks;
        await player.load(url);
        await capture.start();
        await player.play();
        stage.block(5);
        await stage.wait(1);
        stage.block(5);
        await stage.wait(0.5);
        const { starvedFrames, starvationEvents } = player.telemetry;
        return { starvedFrames, starvationEvents };
      }, `${server.origin}/track/lanterns.flac`);
      return { facts, capture: await captured() };
    });
    assertUnbroken(capture, reference, 44_100, 9, facts);
  });

  test(`${mode}: two hundred times suspended and resumed`, { skip }, async () => {
    const reference = await decode(trackPath('lanterns.flac'));
    const { facts, capture } = await onStage(fixture, mode, {}, async ({ run, server, captured }) => {
      const facts = await run(async (stage, url) => {
        const [{ player, capture }] = stage.decks;
        await player.load(url);
        await capture.start();
        await player.play();
        for (let index = 0; index < 200; index += 1) {
          await stage.wait(0.02);
          await stage.context.suspend();
          await stage.context.resume();
        }
        await stage.wait(1);
        const { starvedFrames, starvationEvents } = player.telemetry;
        return { starvedFrames, starvationEvents };
      }, `${server.origin}/track/lanterns.flac`);
      return { facts, capture: await captured() };
    });
    assertUnbroken(capture, reference, 44_100, 3, facts);
  });

  test(`${mode}: more busy workers than cores`, { skip }, async (t) => {
    const reference = await decode(trackPath('lanterns.flac'));
    const length = full ? 60 : 10;
    const { facts, capture } = await onStage(fixture, mode, {}, async ({ run, server, captured }) => {
      const facts = await run(async (stage, url, span) => {
        const [{ player, capture }] = stage.decks;
        await player.load(url);
        await capture.start();
        await player.play();
        stage.busy(navigator.hardwareConcurrency + 2);
        await stage.wait(span);
        stage.rest();
        await stage.wait(1);
        const { starvedFrames, starvationEvents } = player.telemetry;
        return { starvedFrames, starvationEvents, underruns: stage.underruns() };
      }, `${server.origin}/track/lanterns.flac`, length);
      return { facts, capture: await captured() };
    });
    t.diagnostic(`underruns that the browser reports: ${JSON.stringify(facts.underruns)}`);
    assertUnbroken(capture, reference, 44_100, length - 2, facts);
  });

  test(`${mode}: a hidden tab`, { skip }, async () => {
    const reference = await decode(trackPath('lanterns.flac'));
    const { facts, capture } = await onStage(tabs, mode, {}, async ({ page, run, server, captured }) => {
      await run(async (stage, url) => {
        const [{ player, capture }] = stage.decks;
        await player.load(url);
        await capture.start();
        await player.play();
      }, `${server.origin}/track/lanterns.flac`);
      await page.hide();
      const hidden = await run(async (stage) => {
        await stage.wait(1);
        const state = document.visibilityState;
        await stage.wait(7);
        return state;
      });
      assert.equal(hidden, 'hidden', 'the tab is hidden');
      const facts = await run((stage) => {
        const { starvedFrames, starvationEvents } = stage.decks[0].player.telemetry;
        return { starvedFrames, starvationEvents };
      });
      return { facts, capture: await captured() };
    });
    assertUnbroken(capture, reference, 44_100, 7, facts);
  });
}

test('the comparison notices one starved quantum', () => {
  const plane = Float32Array.from({ length: 200_000 }, (_, frame) => Math.sin(frame * frame));
  const reference = { left: plane, right: plane };
  const gap = { left: new Float32Array(128), right: new Float32Array(128) };
  const whole = { starvedFrames: 0, starvationEvents: 0 };
  assertUnbroken(reference, reference, 44_100, 2, whole);
  assert.throws(() => assertUnbroken(joined(part(reference, 0, 100_000), gap, part(reference, 100_000)), reference, 44_100, 2, whole), /differs/);
  assert.throws(() => assertUnbroken(reference, reference, 44_100, 2, { ...whole, starvedFrames: 128 }), /starved frames/);
  assert.throws(() => assertUnbroken(part(reference, 0, 60_000), reference, 44_100, 2, whole), /s of sound/);
});
