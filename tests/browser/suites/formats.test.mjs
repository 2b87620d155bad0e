// Every format, shared and solo: what leaves the worklet is the reference decode, from the first frame to
// the last, over a seek.
//
// Lossless files at the context's rate must be the same bits. Lossy decoders differ in the last bits of
// their arithmetic and are held to a stated error; so are resampled files, whose filters are not those of
// the reference's resampler, within the band that both pass.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { missing } from '../drivers/index.mjs';
import { FADE_FRAMES, align, assertJump, assertNear, assertSame, assertSilent, locate } from '../sound/compare.mjs';
import { lowPassed } from '../sound/filter.mjs';
import { formats, framesAt } from '../sound/formats.mjs';
import { decode, trackPath } from '../sound/reference.mjs';
import { frameCount } from '../sound/sound.mjs';
import { full, modes, onStage, setUp } from './stage.mjs';

/** Largest error in dB relative to full scale, RMS over any 256 frames. */
const LOSSY_LIMIT = -110;
const OPUS_LIMIT = -60;
const RESAMPLED_LIMIT = -100;

const skip = missing('chromium');
const fixture = setUp('chromium', { skip });

/** Plays a file's start, seeks to its last seconds and lets it end; or a short one as a whole. */
async function playThrough({ page, server }, index, name) {
  return page.evaluate(async (place, url) => {
    const deck = window.stage.decks[place];
    const { player, capture } = deck;
    await player.load(url);
    const indexed = player.track.seek === 'indexing';
    if (indexed) {
      // The index of a remote file is built once somebody seeks in it.
      await player.seekToFrame(44_100);
      await deck.trackHas('seek', 'exact', 20);
      await player.seekToFrame(0);
    }
    const described = deck.facts();
    await capture.start();
    // How soon a server and a worker give it is not asked here.
    await deck.isAhead(1);
    await player.play();
    const ended = deck.event('ended', 60);
    let sought = null;
    if (described.duration > 10) {
      await window.stage.wait(2.5);
      const rate = window.stage.context.sampleRate;
      sought = await player.seekToFrame(Math.round((described.duration - 7) * rate));
      await window.stage.wait(1.5);
      // Past the fade at the end there is only silence to hear.
      await player.seekToFrame(Math.round((described.duration - 1) * rate));
    }
    await ended;
    await window.stage.wait(0.2);
    return { described, indexed, sought, end: deck.facts(), errors: deck.errors };
  }, index, `${server.origin}/track/${name}`);
}

async function judge(name, contextRate, capture, { described, indexed, sought, end, errors }) {
  const format = formats[name];
  const resampled = format.sampleRate !== contextRate;
  let reference = await decode(trackPath(name), { channels: format.channels, ...(resampled ? { sampleRate: contextRate } : {}) });
  const frames = framesAt(format, contextRate);
  const loudFrom = Math.round((format.loudFrom * contextRate) / 44_100);

  assert.deepEqual(errors, [], `${name} reports errors`);
  assert.equal(Math.round(described.duration * contextRate), frames, `${name} is said to last ${described.duration} s`);
  assert.equal(described.track.channels, format.channels);
  assert.equal(described.track.sampleRate, format.sampleRate);
  assert.equal(described.track.gapless, format.gapless);
  if (!format.gapless) assert.ok(described.track.notes.length > 0, `${name} cannot be gapless, and no note says so`);
  assert.equal(end.telemetry.starvedFrames, 0, `${name} starved`);
  assert.equal(end.ended, true);
  if (sought) assert.deepEqual(sought, { frame: Math.round((described.duration - 7) * contextRate), exact: true });

  const short = sought === null;
  const firstHeard = short ? loudFrom : contextRate;
  let error = null;
  if (format.lossless && !resampled) {
    const offset = locate(capture, reference, firstHeard);
    if (short) {
      assertSame(capture, reference, offset, 0, frames, name);
      assertSilent(capture, frames + offset, frameCount(capture), `${name} after its end`);
    } else {
      assertSame(capture, reference, offset, 0, 2 * contextRate, name);
      assertJump(capture, reference, { offset, from: contextRate, target: sought.frame, frames: contextRate });
    }
    return 'the same bits';
  }
  const limit = resampled ? RESAMPLED_LIMIT : name.endsWith('.opus') ? OPUS_LIMIT : LOSSY_LIMIT;
  // A filter rings across the edges of what it sees: compare a little inside. After a seek the start fades in.
  const margin = resampled ? 512 : indexed ? FADE_FRAMES : 0;
  if (resampled) [capture, reference] = [lowPassed(capture, contextRate), lowPassed(reference, contextRate)];
  const offset = align(capture, reference, firstHeard, { before: 3 * contextRate });
  if (short) {
    error = assertNear(capture, reference, offset, margin, frames - margin, limit, name);
  } else {
    const inTwo = assertNear(capture, reference, offset, margin, 2 * contextRate, limit, name);
    const landed = align(capture, reference, sought.frame + contextRate / 4, { after: 2 * contextRate });
    error = Math.max(inTwo, assertNear(capture, reference, landed, sought.frame + 1024, sought.frame + contextRate, limit, name));
    // Where the fade begins the old sound must still be heard: nothing was lost in between.
    const fadeStart = sought.frame + landed;
    assertNear(capture, reference, offset, contextRate, fadeStart - offset - margin, limit, `${name} before the seek`);
  }
  return `${error.toFixed(1)} dBFS`;
}

const names = Object.keys(formats);
const representatives = ['lanterns.flac', 'lanterns-cbr.mp3', 'lanterns.ogg', 'lanterns-aac.m4a', 'excerpt-mono.wav', 'excerpt-surround.wav'];
const groups = (list) => Array.from({ length: Math.ceil(list.length / 5) }, (_, index) => list.slice(5 * index, 5 * index + 5));

for (const mode of Object.keys(modes)) {
  for (const contextRate of [44_100, 48_000]) {
    const chosen = contextRate === 44_100 ? names.filter((name) => !name.endsWith('.opus'))
      : full ? names : [...representatives, 'lanterns.opus'];
    for (const group of groups(chosen)) {
      test(`${mode}, ${contextRate} Hz: ${group.join(', ')}`, { skip }, async (t) => {
        const outcomes = await onStage(fixture, mode, { sampleRate: contextRate, decks: group.length, memoryMebibytes: 32 }, (stage) => Promise.allSettled(group.map(async (name, deck) => {
          const facts = await playThrough(stage, deck, name);
          return { facts, capture: await stage.captured(deck) };
        })));
        for (const [index, name] of group.entries()) {
          await t.test(name, async (inner) => {
            const { value, reason } = outcomes[index];
            if (reason) throw reason;
            inner.diagnostic(`${name}: ${await judge(name, contextRate, value.capture, value.facts)}`);
          });
        }
      });
    }
  }
}
