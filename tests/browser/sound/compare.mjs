// Compares a captured sound with a reference, frame by frame.
//
// A place is given in frames of the reference; an offset is what to add to it to find the same place in the
// capture. Every function throws an AssertionError that says where and how much the sounds differ.

import assert from 'node:assert/strict';
import { frameCount } from './sound.mjs';

/** Frames over which the processor cross-fades when the sound jumps, starts or stops. */
export const FADE_FRAMES = 128;

/**
 * The offset at which `capture` has the reference's frames from `place` on, bit for bit, looked for from
 * the capture's frame `after` on; -1 if nowhere. `frames` of them must be alike, and not all be silent.
 */
export function find(capture, reference, place, { frames = 256, after = 0 } = {}) {
  assert.ok(place >= 0 && place + frames <= frameCount(reference), `the reference has no frames ${place} to ${place + frames}`);
  assert.ok(reference.left.subarray(place, place + frames).some((sample) => sample !== 0), `the reference is silent at ${place}`);
  const last = frameCount(capture) - frames;
  for (let frame = after; frame <= last; frame += 1) {
    if (sameRun(capture, frame, reference, place, frames) === frames) return frame - place;
  }
  return -1;
}

/** As `find`, but it must be there. */
export function locate(capture, reference, place, options) {
  const offset = find(capture, reference, place, options);
  assert.notEqual(offset, -1, `the captured ${frameCount(capture)} frames contain nowhere the reference's frames from ${place} on`);
  return offset;
}

/** How many frames are the same bits from the given places on, at most `limit`. */
export function sameRun(capture, captureFrame, reference, place, limit = Infinity) {
  const most = Math.min(limit, frameCount(capture) - captureFrame, frameCount(reference) - place);
  let run = 0;
  while (run < most
    && capture.left[captureFrame + run] === reference.left[place + run]
    && capture.right[captureFrame + run] === reference.right[place + run]) run += 1;
  return run;
}

/** Fails unless `capture`, at `offset`, has exactly the reference's frames from `from` to `to`. */
export function assertSame(capture, reference, offset, from, to, what = 'the capture') {
  assert.ok(from + offset >= 0 && to + offset <= frameCount(capture),
    `${what} ends ${to + offset - frameCount(capture)} frames before the reference's frame ${to}`);
  const run = sameRun(capture, from + offset, reference, from, to - from);
  if (run === to - from) return;
  const place = from + run;
  assert.fail(`${what} differs from the reference at its frame ${place} (${run} frames after ${from}): `
    + `${capture.left[place + offset]}, ${capture.right[place + offset]} instead of ${reference.left[place]}, ${reference.right[place]}`);
}

/** Fails unless the capture is silent from its frame `from` to `to`. */
export function assertSilent(capture, from, to, what = 'the capture') {
  for (let frame = from; frame < to; frame += 1) {
    if (capture.left[frame] !== 0 || capture.right[frame] !== 0) assert.fail(`${what} is not silent at frame ${frame}, ${frame - from} frames after ${from}`);
  }
}

/**
 * The offset that correlates best around `place`, for sounds that are alike but not the same; `frames` are
 * compared, and the normalised correlation must reach 0.95.
 */
export function align(capture, reference, place, { frames = 4096, after = 0, before = frameCount(capture) } = {}) {
  const pattern = reference.left.subarray(place, place + frames);
  assert.equal(pattern.length, frames, `the reference has no frames ${place} to ${place + frames}`);
  const energy = pattern.reduce((sum, sample) => sum + sample * sample, 0);
  assert.ok(energy > 0, `the reference is silent at ${place}`);
  let best = { correlation: -1, frame: 0 };
  const last = Math.min(frameCount(capture), before) - frames;
  for (let frame = after; frame <= last; frame += 1) {
    let dot = 0;
    let captured = 0;
    for (let i = 0; i < frames; i += 1) {
      const sample = capture.left[frame + i];
      dot += sample * pattern[i];
      captured += sample * sample;
    }
    const correlation = captured > 0 ? dot / Math.sqrt(captured * energy) : 0;
    if (correlation > best.correlation) best = { correlation, frame };
  }
  assert.ok(best.correlation > 0.95, `nothing in the captured ${frameCount(capture)} frames is like the reference at ${place}: the best correlation is ${best.correlation.toFixed(3)}`);
  return best.frame - place;
}

/** Frames over which an error is averaged: short, so that a small fault is not diluted by the rest. */
const WINDOW_FRAMES = 256;

/**
 * The largest error of `capture` at `offset` against the reference's frames `from` to `to`: in dB below
 * full scale, RMS over a window of 256 frames of both channels, and the frame where that window begins.
 */
export function largestError(capture, reference, offset, from, to) {
  let worst = { decibels: -Infinity, place: from };
  for (let start = from; start < to; start += WINDOW_FRAMES) {
    const end = Math.min(to, start + WINDOW_FRAMES);
    let sum = 0;
    for (let place = start; place < end; place += 1) {
      sum += (capture.left[place + offset] - reference.left[place]) ** 2 + (capture.right[place + offset] - reference.right[place]) ** 2;
    }
    const decibels = 10 * Math.log10(sum / (2 * (end - start)));
    if (decibels > worst.decibels) worst = { decibels, place: start };
  }
  return worst;
}

/** Fails unless the largest error is below `limit` dB relative to full scale; returns it in dB. */
export function assertNear(capture, reference, offset, from, to, limit, what = 'the capture') {
  assert.ok(from + offset >= 0 && to + offset <= frameCount(capture),
    `${what} ends ${to + offset - frameCount(capture)} frames before the reference's frame ${to}`);
  const { decibels, place } = largestError(capture, reference, offset, from, to);
  assert.ok(decibels < limit, `${what} differs from the reference by ${decibels.toFixed(1)} dBFS at its frame ${place}; less than ${limit} dBFS is expected`);
  return decibels;
}

/** What single precision may lose in a fade of full scale. */
const FADE_TOLERANCE = 1e-6;

/** Frame `place` of a reference, 0 behind its end and where `place` is null: silence. */
const sampleAt = (reference, side, place) => (place === null ? 0 : reference[side][place] ?? 0);

/**
 * How far `capture` is, from its frame `at` on, from a linear cross-fade out of the reference's frame
 * `from` into its frame `to`: frame n of 128 has (1 - n / 128) of the one and n / 128 of the other.
 */
function fadeError(capture, reference, at, from, to) {
  let worst = 0;
  for (let n = 0; n < FADE_FRAMES; n += 1) {
    const share = n / FADE_FRAMES;
    for (const side of ['left', 'right']) {
      const expected = (1 - share) * sampleAt(reference, side, from === null ? null : from + n) + share * sampleAt(reference, side, to === null ? null : to + n);
      const error = Math.abs(capture[side][at + n] - expected);
      // A NaN is an error too.
      if (!(error <= worst)) worst = error;
    }
  }
  return worst;
}

/**
 * Fails unless the capture follows the reference at `offset` from `from` on until, at some frame, it
 * cross-fades to the reference's frame `target`, and from there on is exact for `frames` frames.
 * Returns { leftAt, offset }: the frame of the reference where the fade began, and the new offset.
 */
export function assertJump(capture, reference, { offset, from, target, frames = 2048 }) {
  const run = sameRun(capture, from + offset, reference, from);
  const landed = locate(capture, reference, target + FADE_FRAMES, { frames, after: from + run + offset });
  const fadeStart = target + landed;
  const leftAt = fadeStart - offset;
  assert.ok(from + run >= leftAt, `the sound leaves the reference at its frame ${from + run}, ${leftAt - from - run} frames before the fade to ${target} begins`);
  const error = fadeError(capture, reference, fadeStart, leftAt, target);
  assert.ok(error < FADE_TOLERANCE, `the cross-fade from ${leftAt} to ${target} is off by ${error}`);
  return { leftAt, offset: landed };
}

/**
 * Fails unless the capture follows the reference at `offset` from `from` on, fades out, is silent, and
 * goes on with a fade-in at the very frame where the fade-out began, exact for `frames` frames.
 * Returns { pausedAt, offset }: that frame, and the offset after it.
 */
export function assertPause(capture, reference, { offset, from, frames = 2048 }) {
  const changed = from + sameRun(capture, from + offset, reference, from);
  // The first frame of a fade still has its full weight, and a few more may be too quiet to tell.
  const candidates = [1, 2, 3, 4].map((back) => changed - back);
  const pausedAt = candidates.find((place) => fadeError(capture, reference, place + offset, place, null) < FADE_TOLERANCE);
  assert.notEqual(pausedAt, undefined, `the sound leaves the reference at its frame ${changed}, but not by a fade-out`);
  const resumed = locate(capture, reference, pausedAt + FADE_FRAMES, { frames, after: pausedAt + offset + FADE_FRAMES });
  assertSilent(capture, pausedAt + offset + FADE_FRAMES, pausedAt + resumed, 'the pause');
  const error = fadeError(capture, reference, pausedAt + resumed, null, pausedAt);
  assert.ok(error < FADE_TOLERANCE, `the fade-in at frame ${pausedAt} is off by ${error}`);
  return { pausedAt, offset: resumed };
}

/**
 * Fails unless the capture follows the reference at `offset` from `from` on, is left by its engine (the last frames
 * sound backwards and fade out), is silent, and goes on with a fade-in at the very frame where it was left, exact for
 * `frames` frames. Returns { leftAt, silent, offset }: that frame, the frames without sound, and the offset after them.
 */
export function assertRecovery(capture, reference, { offset, from, frames = 2048 }) {
  const changed = from + sameRun(capture, from + offset, reference, from);
  const leftAt = [0, 1, 2, 3, 4].map((back) => changed - back).find((place) => backwardFadeError(capture, reference, place + offset, place) < FADE_TOLERANCE);
  assert.notEqual(leftAt, undefined, `the sound leaves the reference at its frame ${changed}, but not by its last frames backwards`);
  const resumed = locate(capture, reference, leftAt + FADE_FRAMES, { frames, after: leftAt + offset + FADE_FRAMES });
  assertSilent(capture, leftAt + offset + FADE_FRAMES, leftAt + resumed, 'the gap');
  const error = fadeError(capture, reference, leftAt + resumed, null, leftAt);
  assert.ok(error < FADE_TOLERANCE, `the fade-in at frame ${leftAt} is off by ${error}`);
  return { leftAt, silent: resumed - offset, offset: resumed };
}

/** How far `capture` is, from its frame `at` on, from a linear fade-out of the reference's frames before `place`, backwards. */
function backwardFadeError(capture, reference, at, place) {
  let worst = 0;
  for (let n = 0; n < FADE_FRAMES; n += 1) {
    for (const side of ['left', 'right']) {
      const error = Math.abs(capture[side][at + n] - reference[side][place - 1 - n] * (1 - n / FADE_FRAMES));
      if (!(error <= worst)) worst = error;
    }
  }
  return worst;
}
