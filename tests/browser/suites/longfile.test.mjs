// Two hours by URL: how much is fetched before the first sound, how much memory the page takes, and where
// seeks land.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { missing } from '../drivers/index.mjs';
import { FADE_FRAMES, assertSame, locate } from '../sound/compare.mjs';
import { longWave } from '../sound/long.mjs';
import { makeLong } from '../sound/material.mjs';
import { frameCount } from '../sound/sound.mjs';
import { full, modes, onStage, setUp } from './stage.mjs';

const skip = missing('chromium');
const fixture = setUp('chromium', { skip, options: async () => ({ flags: ['--enable-blink-features=ForceEagerMeasureMemory'] }) });
before(() => { if (!skip) makeLong(); });

const megabyte = 1e6;
const seeks = full ? 100 : 25;

/** A place at least a second inside the file; the sequence is fixed and visits all of it. */
const placeOf = (index) => 44_100 + ((index + 1) * 196_613_573) % (longWave.frames - 3 * 44_100);

for (const mode of Object.keys(modes)) {
  for (const [name, path] of [['long.wav', '/computed/long.wav'], ['long.flac', '/material/long.flac'], ['long.mp3', '/material/long.mp3']]) {
    test(`${mode}: ${name} sounds after less than 2 MB`, { skip }, async (t) => {
      await onStage(fixture, mode, {}, async ({ run, server }) => {
        const url = `${path}?first-sound-${mode}`;
        const { received, duration, exact } = await run(async (stage, address) => {
          const [{ player }] = stage.decks;
          const track = await player.load(address);
          await player.play();
          while (player.telemetry.processedFrames === 0 || player.currentFrame === 0) await stage.wait(0.01);
          return { received: track.receivedBytes, duration: track.duration, exact: track.durationExact };
        }, server.origin + url);
        const sent = server.bytesSent(url);
        t.diagnostic(`${name}: ${(received / megabyte).toFixed(2)} MB received, ${(sent / megabyte).toFixed(2)} MB sent`);
        assert.ok(sent < 2 * megabyte, `${sent} bytes were sent before the first sound`);
        assert.ok(received <= sent, `the track says ${received} bytes were received, ${sent} were sent`);
        assert.equal(exact, name !== 'long.mp3');
        if (exact) assert.equal(Math.round(duration * 44_100), longWave.frames);
        // The first frames of a variable bit rate without a tag tell little of the mean: the length must be called an
        // estimate, and be of the right size. It becomes exact with the index.
        else assert.ok(duration > 7200 / 1.5 && duration < 7200 * 1.5, `said to last ${duration} s`);
      });
    });
  }

  test(`${mode}: ${seeks} seeks in two hours land on the right sample`, { skip }, async (t) => {
    await onStage(fixture, mode, {}, async ({ run, server, captured, page }) => {
      await run(async (stage, url) => {
        const [{ player }] = stage.decks;
        await player.load(url);
        await player.play();
      }, `${server.origin}/computed/long.wav?seeks-${mode}`);
      const seconds = [];
      for (let index = 0; index < seeks; index += 1) {
        const target = placeOf(index);
        const { sought, taken } = await run(async (stage, frame) => {
          const [{ player, capture }] = stage.decks;
          await capture.start();
          const began = performance.now();
          const sought = await player.seekToFrame(frame);
          const taken = (performance.now() - began) / 1000;
          await stage.wait(0.15);
          return { sought, taken };
        }, target);
        seconds.push(taken);
        assert.deepEqual(sought, { frame: target, exact: true });
        const capture = await captured();
        const [left, right] = longWave.planes(target, 4096);
        const reference = { left, right };
        const offset = locate(capture, reference, FADE_FRAMES, { frames: 1024 });
        assertSame(capture, reference, offset, FADE_FRAMES, Math.min(4096, frameCount(capture) - offset), `frame ${target}`);
      }
      seconds.sort((a, b) => a - b);
      t.diagnostic(`a seek takes ${(seconds[seeks >> 1] * 1000).toFixed(0)} ms in the median, ${(seconds.at(-1) * 1000).toFixed(0)} ms at most`);
      assert.equal(await run((stage) => stage.decks[0].player.telemetry.starvedFrames), 0);
      await assertSmall(t, page, run, mode);
    });
  });
}

/** Less than 50 MB: what the browser measures on an isolated page; without isolation, what DevTools count. */
async function assertSmall(t, page, run, mode) {
  let bytes;
  if (mode === 'shared') {
    const { bytes: measured, breakdown } = await run(() => performance.measureUserAgentSpecificMemory());
    bytes = measured;
    t.diagnostic(`memory: ${breakdown.filter((part) => part.bytes > 1e5).map((part) => `${(part.bytes / megabyte).toFixed(1)} MB ${part.types} ${part.attribution.map((place) => place.scope)}`).join('; ')}`);
  } else {
    const devtools = await page.tab.context().newCDPSession(page.tab);
    await devtools.send('HeapProfiler.enable');
    await devtools.send('HeapProfiler.collectGarbage');
    const { usedSize, backingStorageSize = 0, embedderHeapUsedSize = 0 } = await devtools.send('Runtime.getHeapUsage');
    bytes = usedSize + backingStorageSize + embedderHeapUsedSize;
  }
  t.diagnostic(`the page takes ${(bytes / megabyte).toFixed(1)} MB`);
  assert.ok(bytes < 50 * megabyte, `the page takes ${(bytes / megabyte).toFixed(1)} MB`);
}

test('a remote MP3 of two hours is sought before and after it is indexed', { skip: skip || (!full && 'only with --full') }, async (t) => {
  await onStage(fixture, 'shared', {}, async ({ run, server }) => {
    const facts = await run(async (stage, url) => {
      const [deck] = stage.decks;
      const track = await deck.player.load(url);
      await deck.player.play();
      const began = performance.now();
      const early = await deck.player.seekToFrame(3600 * 44_100);
      const earlySeconds = (performance.now() - began) / 1000;
      await deck.trackHas('seek', 'exact', 120);
      const late = await deck.player.seekToFrame(3600 * 44_100);
      return { early, earlySeconds, late, duration: track.duration };
    }, `${server.origin}/material/long.mp3?indexed`);
    t.diagnostic(JSON.stringify(facts));
    assert.ok(facts.earlySeconds < 2);
    assert.ok(Math.abs(facts.early.frame - 3600 * 44_100) < 60 * 44_100);
    assert.deepEqual(facts.late, { frame: 3600 * 44_100, exact: true });
  });
});
