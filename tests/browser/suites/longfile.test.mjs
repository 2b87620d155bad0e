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
const fixture = setUp('chromium', { skip, options: { flags: ['--enable-blink-features=ForceEagerMeasureMemory'] } });
before(() => { if (!skip) makeLong(); });

const megabyte = 1e6;
/** The engine's memory when no option says otherwise. */
const engineMemoryBytes = 16 * 2 ** 20;
const seeks = full ? 100 : 10;

/** A place at least a second inside the file; the sequence is fixed and visits all of it. */
const placeOf = (index) => 44_100 + ((index + 1) * 196_613_573) % (longWave.frames - 3 * 44_100);

for (const mode of Object.keys(modes)) {
  for (const [name, path] of [['long.wav', '/computed/long.wav'], ['long.flac', '/material/long.flac'], ['long.mp3', '/material/long.mp3']]) {
    test(`${mode}: ${name} sounds after less than 2 MB`, { skip }, async (t) => {
      await onStage(fixture, mode, {}, async ({ run, server }) => {
        // At the speed of a real connection, so that what is read ahead of need does not count.
        const url = `${path}?first-sound-${mode}&rate=2000000`;
        const { received, duration, durationExact } = await run(async (stage, address) => {
          const [{ player }] = stage.decks;
          const track = await player.load(address);
          await player.play();
          while (player.telemetry.peakLeft === 0) await stage.wait(0.01);
          return { received: track.receivedBytes, duration: track.duration, durationExact: track.durationExact };
        }, server.origin + url);
        const sent = server.bytesSent(url);
        t.diagnostic(`${name}: ${(received / megabyte).toFixed(2)} MB received, ${(sent / megabyte).toFixed(2)} MB sent`);
        assert.ok(sent < 2 * megabyte, `${sent} bytes were sent before the first sound`);
        assert.ok(received <= sent, `the track says ${received} bytes were received, ${sent} were sent`);
        assert.equal(durationExact, name !== 'long.mp3');
        if (durationExact) assert.equal(Math.round(duration * 44_100), longWave.frames);
        // Of an untagged VBR file only the first frames' bit rate is known, and the track begins quietly.
        else assert.ok(duration > 3600 && duration < 14_400, `said to last ${duration} s`);
      });
    });
  }

  test(`${mode}: ${seeks} seeks in two hours land on the right sample`, { skip }, async (t) => {
    // Only an isolated page may measure its memory: solo mode is chosen here by the option.
    await onStage(fixture, 'shared', { mode: mode === 'solo' ? 'solo' : 'auto', expected: mode }, async ({ run, server, captured }) => {
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
      await assertSmall(t, run);
    });
  });
}

/** Less than 50 MB, as the browser measures it. */
async function assertSmall(t, run) {
  const { bytes, breakdown } = await run(() => performance.measureUserAgentSpecificMemory());
  const parts = breakdown.filter((part) => part.bytes > 0).map((part) => ({ bytes: part.bytes, scope: part.attribution.map(({ scope }) => scope).join() || 'shared' }));
  t.diagnostic(`memory: ${parts.map((part) => `${(part.bytes / megabyte).toFixed(1)} MB ${part.scope}`).join(', ')}`);
  // The engine's memory is one, but counted for every scope that holds it when it is shared, and not at all in
  // solo mode, when the worklet alone has it.
  const holders = parts.filter((part) => part.bytes >= engineMemoryBytes).length;
  const taken = bytes - (holders - 1) * engineMemoryBytes;
  t.diagnostic(`the page takes ${(taken / megabyte).toFixed(1)} MB`);
  assert.ok(taken < 50 * megabyte, `the page takes ${(taken / megabyte).toFixed(1)} MB`);
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
