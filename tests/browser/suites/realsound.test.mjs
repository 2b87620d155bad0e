// Real sound: Chromium plays the bundled track into a sound server, which is recorded; the recording is
// the reference, without a gap.
//
// Between the worklet and the recording lie the browser's mixer and the sound server's, at the same rate.
// Both run in real time beside the rest of the machine, and with the browser's usual 11 ms of buffer the
// server now and then runs dry, which no counter of the browser tells. So the browser is given a buffer of
// 93 ms, and what enters it is captured in the same run: that must be the track in every run, bit for bit; the
// recording must be in one of three.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { launch, missing } from '../drivers/index.mjs';
import { startPulseAudio } from '../drivers/pulseaudio.mjs';
import { startServer } from '../server/index.mjs';
import { align, assertSame, largestError, locate } from '../sound/compare.mjs';
import { decode, trackPath } from '../sound/reference.mjs';
import { frameCount, fromInterleaved } from '../sound/sound.mjs';
import { full, onStage } from './stage.mjs';

const skip = missing('chromium') || missing('firefox');

/** Mixers pass through 16-bit integers or dither: a step of 16 bits is -96 dB. */
const LIMIT = -80;

async function recordTrack(seconds) {
  const server = await startServer();
  const audio = await startPulseAudio({ sampleRate: 44_100 });
  const browser = await launch('chromium', { audio, flags: ['--audio-buffer-size=4096'] });
  try {
    return await onStage({ server, browser }, 'shared', {}, async ({ run, captured }) => {
      // The device needs a while to start: silence is played into it first.
      await run(async (stage) => {
        await stage.context.resume();
        await stage.wait(3);
      });
      const recording = audio.record();
      const starved = await run(async (stage, url, length) => {
        const [deck] = stage.decks;
        await stage.wait(0.5);
        await deck.player.load(url);
        await deck.capture.start();
        await deck.player.play();
        await stage.wait(length);
        return deck.player.telemetry.starvedFrames;
      }, `${server.origin}/track/lanterns.flac`, seconds);
      return { starved, recording: fromInterleaved(await recording.finish()), capture: await captured() };
    });
  } finally {
    await browser.close();
    await audio.close();
    await server.close();
  }
}

test('the recording of a sound server is the bundled track', { skip }, async (t) => {
  const reference = await decode(trackPath('lanterns.flac'));
  const seconds = full ? 62 : 20;
  const end = Math.min(frameCount(reference), (seconds - 2) * 44_100);
  for (let round = 1; ; round += 1) {
    const { starved, recording, capture } = await recordTrack(seconds);
    assert.equal(starved, 0, 'starved frames');
    assertSame(capture, reference, locate(capture, reference, 44_100), 0, end, 'what enters the browser');
    const offset = align(recording, reference, 44_100, { before: 6 * 44_100 });
    const { decibels, place } = largestError(recording, reference, offset, 0, end);
    t.diagnostic(`round ${round}: largest error ${decibels.toFixed(1)} dBFS in ${(end / 44_100).toFixed(1)} s`);
    if (decibels < LIMIT) return;
    assert.ok(round < 3, `in three rounds the recording differs from the track, at last by ${decibels.toFixed(1)} dBFS at frame ${place}`);
  }
});
