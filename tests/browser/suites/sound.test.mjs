// The comparisons themselves: each accepts the right sound and rejects every wrong one.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { align, assertJump, assertNear, assertPause, assertRecovery, assertSame, assertSilent, find, locate } from '../sound/compare.mjs';
import { lowPassed } from '../sound/filter.mjs';
import { longWave } from '../sound/long.mjs';
import { decode, trackPath } from '../sound/reference.mjs';
import { frameCount, joined, part } from '../sound/sound.mjs';

const reference = part(await decode(trackPath('lanterns.flac')), 441_000, 573_300);
const frames = frameCount(reference);
const silence = (count) => ({ left: new Float32Array(count), right: new Float32Array(count) });
const altered = (change) => {
  const sound = joined(silence(1000), reference, silence(1000));
  change(sound);
  return sound;
};

const wrong = {
  'one dropped frame': joined(silence(1000), part(reference, 0, 60_000), part(reference, 60_001), silence(1001)),
  'one repeated frame': joined(silence(1000), part(reference, 0, 60_000), part(reference, 59_999), silence(1000)),
  'a gap of 64 frames': altered(({ left, right }) => { left.fill(0, 61_000, 61_064); right.fill(0, 61_000, 61_064); }),
  'a gain of 0.1 dB': altered(({ left, right }) => { for (const plane of [left, right]) for (let i = 0; i < plane.length; i += 1) plane[i] *= 1.01158; }),
  'the channels swapped': joined(silence(1000), { left: reference.right, right: reference.left }, silence(1000)),
  'one channel lost': altered(({ right }) => right.fill(0)),
  'one channel a frame late': joined(silence(1000), { left: reference.left, right: joined(silence(1), reference).right.subarray(0, frames) }, silence(1000)),
  'a click of -20 dB': altered(({ left }) => { left[70_000] += 0.1; }),
};

test('the right sound is accepted', () => {
  const capture = altered(() => {});
  assert.equal(locate(capture, reference, 5000), 1000);
  assert.equal(align(capture, reference, 5000, { before: 12_000 }), 1000);
  assertSame(capture, reference, 1000, 0, frames);
  assert.equal(assertNear(capture, reference, 1000, 0, frames, -60), -Infinity);
  assertSilent(capture, 0, 1000);
  assertSilent(capture, 1000 + frames, frameCount(capture));
});

test('a sound within the limit is accepted as near, and rejected as the same', () => {
  const capture = altered(({ left }) => { for (let i = 0; i < left.length; i += 1) left[i] += 1e-5 * Math.sin(i); });
  const error = assertNear(capture, reference, 1000, 0, frames, -90);
  // A sine of 1e-5 in one of two channels: 20 log10(1e-5 / 2).
  assert.ok(Math.abs(error + 106) < 1, `${error} dBFS`);
  assert.throws(() => assertSame(capture, reference, 1000, 0, frames), /differs from the reference at its frame 0/);
});

for (const [name, capture] of Object.entries(wrong)) {
  test(`${name} is rejected`, () => {
    assert.throws(() => assertSame(capture, reference, 1000, 0, frames), /differs from the reference at its frame/);
    assert.throws(() => assertNear(capture, reference, 1000, 0, frames, -60), /differs from the reference by/);
  });
}

test('a sound that ends early is rejected', () => {
  const capture = joined(silence(1000), part(reference, 0, frames - 1));
  assert.throws(() => assertSame(capture, reference, 1000, 0, frames), /ends 1 frames before/);
  assert.throws(() => assertNear(capture, reference, 1000, 0, frames, -60), /ends 1 frames before/);
});

test('a shift of one frame is rejected, and found', () => {
  const capture = joined(silence(1001), reference);
  assert.throws(() => assertSame(capture, reference, 1000, 0, frames), /differs/);
  assert.throws(() => assertNear(capture, reference, 1000, 0, frames, -60), /differs/);
  assert.equal(locate(capture, reference, 5000), 1001);
  assert.equal(align(capture, reference, 5000, { before: 12_000 }), 1001);
});

test('a sound that is not there is not found', () => {
  const other = part(reference, 60_000);
  assert.equal(find(other, reference, 5000), -1);
  assert.throws(() => locate(other, reference, 5000), /contain nowhere/);
  assert.throws(() => align(part(other, 0, 9000), reference, 5000), /nothing in the captured/);
});

test('noise where silence should be is rejected', () => {
  const capture = silence(1000);
  capture.right[900] = 1e-9;
  assert.throws(() => assertSilent(capture, 0, 1000), /not silent at frame 900/);
  assertSilent(capture, 0, 900);
});

/** Frames of a linear cross-fade between two places of the reference; null is silence. */
function fade(from, to, fadeFrames = 128) {
  const blend = silence(fadeFrames);
  for (let n = 0; n < fadeFrames; n += 1) {
    for (const side of ['left', 'right']) {
      const [old, next] = [from, to].map((place) => (place === null ? 0 : reference[side][place + n]));
      blend[side][n] = (1 - n / fadeFrames) * old + (n / fadeFrames) * next;
    }
  }
  return blend;
}

test('a jump is accepted when exact, and rejected when off by a frame, faded otherwise or torn', () => {
  const jump = (target, fadeFrames, gap = 0) => joined(
    silence(1000), part(reference, 0, 20_000), silence(gap), fade(20_000, target, fadeFrames), part(reference, target + fadeFrames, target + 40_000),
  );
  const expected = { offset: 1000, from: 100, target: 70_000 };
  assert.deepEqual(assertJump(jump(70_000, 128), reference, expected), { leftAt: 20_000, offset: 1000 + 20_000 - 70_000 });
  assert.throws(() => assertJump(jump(70_001, 128), reference, expected), /off by|before the fade|contain nowhere/);
  assert.throws(() => assertJump(jump(69_999, 128), reference, expected), /off by|before the fade|contain nowhere/);
  assert.throws(() => assertJump(jump(70_000, 64), reference, expected), /off by|before the fade|contain nowhere/);
  assert.throws(() => assertJump(jump(70_000, 256), reference, expected), /contain nowhere|off by|before the fade/);
  assert.throws(() => assertJump(jump(70_000, 128, 64), reference, expected), /before the fade/);
  assert.throws(() => assertJump(jump(80_000, 128), reference, expected), /contain nowhere/);
});

test('a pause is accepted when exact, and rejected when frames are lost, repeated or cut off', () => {
  const pause = (back, between = silence(3000)) => joined(
    silence(1000), part(reference, 0, 20_000), fade(20_000, null), between, fade(null, back), part(reference, back + 128, back + 10_000),
  );
  const expected = { offset: 1000, from: 100 };
  assert.deepEqual(assertPause(pause(20_000), reference, expected), { pausedAt: 20_000, offset: 1000 + 3128 });
  assert.throws(() => assertPause(pause(20_001), reference, expected), /off by|not silent|contain nowhere/);
  assert.throws(() => assertPause(pause(19_999), reference, expected), /off by|not silent|contain nowhere/);
  assert.throws(() => assertPause(pause(20_128), reference, expected), /contain nowhere|not silent|off by/);
  const noise = silence(3000);
  noise.left[1500] = 1e-6;
  assert.throws(() => assertPause(pause(20_000, noise), reference, expected), /the pause is not silent/);
  const cut = joined(silence(1000), part(reference, 0, 20_000), silence(3000), fade(null, 20_000), part(reference, 20_128, 30_000));
  assert.throws(() => assertPause(cut, reference, expected), /not by a fade-out/);
});

test('a recovery is accepted when exact, and rejected when frames are lost or repeated, or the sound steps', () => {
  const backwards = silence(128);
  for (let n = 0; n < 128; n += 1) {
    for (const side of ['left', 'right']) backwards[side][n] = reference[side][19_999 - n] * (1 - n / 128);
  }
  const recovery = (back, left = backwards, between = silence(3000)) => joined(
    silence(1000), part(reference, 0, 20_000), left, between, fade(null, back), part(reference, back + 128, back + 10_000),
  );
  const expected = { offset: 1000, from: 100 };
  assert.deepEqual(assertRecovery(recovery(20_000), reference, expected), { leftAt: 20_000, silent: 3128, offset: 1000 + 3128 });
  assert.throws(() => assertRecovery(recovery(20_001), reference, expected), /off by|not silent|contain nowhere/);
  assert.throws(() => assertRecovery(recovery(19_999), reference, expected), /off by|not silent|contain nowhere/);
  assert.throws(() => assertRecovery(recovery(20_000, silence(128)), reference, expected), /not by its last frames backwards/);
  assert.throws(() => assertRecovery(recovery(20_000, fade(20_000, null)), reference, expected), /not by its last frames backwards/);
  const noise = silence(3000);
  noise.right[1500] = 1e-6;
  assert.throws(() => assertRecovery(recovery(20_000, backwards, noise), reference, expected), /the gap is not silent/);
});

test('the computed sound is the same whichever bytes are asked for', () => {
  const whole = longWave.bytes(0, 4000);
  for (const [start, end] of [[0, 44], [0, 45], [43, 47], [45, 1003], [101, 102], [3001, 4000]]) {
    assert.deepEqual(longWave.bytes(start, end), whole.subarray(start, end), `bytes ${start} to ${end}`);
  }
  const { left, right } = { left: longWave.planes(10, 5)[0], right: longWave.planes(10, 5)[1] };
  for (let i = 0; i < 5; i += 1) {
    assert.equal(whole.readInt16LE(44 + 4 * (10 + i)) / 32_768, left[i]);
    assert.equal(whole.readInt16LE(46 + 4 * (10 + i)) / 32_768, right[i]);
  }
  assert.equal(longWave.bytes(longWave.byteLength - 5, longWave.byteLength).length, 5);
});

test('the low-pass passes 10 kHz as it is and takes 20 kHz away, without delay', () => {
  const sine = (hz) => {
    const plane = Float32Array.from({ length: 8192 }, (_, n) => 0.5 * Math.sin((2 * Math.PI * hz * n) / 48_000));
    return { left: plane, right: plane };
  };
  const [low, high] = [sine(10_000), sine(20_000)];
  assertNear(lowPassed(low, 48_000), low, 0, 256, 7936, -95);
  assertNear(lowPassed(high, 48_000), silence(8192), 0, 256, 7936, -95);
});
