// Readers of an analyser's spectra and frames, in each browser, shared and solo.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { missing } from '../drivers/index.mjs';
import { modes, setUpPage } from './stage.mjs';

const SIZES = [512, 4096, 32_768];

/** By window: the most that a sine between two bins reads less, in dB; the value at its beginning and at a quarter of its length. */
const WINDOWS = {
  hann: { scalloping: 1.43, first: 0, quarter: 0.5 },
  hamming: { scalloping: 1.76, first: 0.08, quarter: 0.54 },
  'blackman-harris': { scalloping: 0.83, first: 0.00006, quarter: 0.21747 },
  'flat-top': { scalloping: 0.01, first: -0.0006036, quarter: -0.0547077 },
};

const engines = [
  { browser: 'chromium', mode: 'shared' },
  { browser: 'chromium', mode: 'solo' },
  { browser: 'firefox', mode: 'shared' },
  { browser: 'firefox', mode: 'solo' },
  { browser: 'webkit', mode: 'shared', options: { shared: true } },
  { browser: 'webkit', mode: 'solo', options: { shared: true } },
];

/** Hashes of the spectra by size and window, from the first engine that read them. */
const hashes = new Map();

for (const { browser, mode, options = {} } of engines) {
  describe(`${browser}, ${mode}`, { skip: missing(browser) }, () => {
    const { ask } = setUpPage(browser, 'spectrum', { options, faults: modes[mode] });

    test('the engine runs in the mode that is meant', async () => assert.equal(await ask('mode'), mode));

    test('a sine reads its level in every window and size, up to the last frame, with the same bits everywhere', async () => {
      const { seen, length } = await ask('levels', SIZES, Object.keys(WINDOWS));
      assert.equal(seen.length, SIZES.length * 4);
      for (const { fftSize, window, before: start, read, powerEnd, framesEnd, again, isFirst, kept, peaks, shape, hash } of seen) {
        const name = `${window} of ${fftSize}`;
        assert.ok(read, `${name} came`);
        assert.deepEqual([start, powerEnd, framesEnd], [0, length, length], name);
        assert.equal(again, 0, `${name}: nothing is new while nothing goes on`);
        assert.ok(isFirst, `${name}: plane 0 alone is the same`);
        assert.ok(kept, `${name}: the frames are those that were rendered`);
        peaks.forEach(({ bin, level }, plane) => {
          assert.equal(bin, Math.round((1_000 * fftSize) / 48_000), name);
          const under = -12 * (plane + 1) - level;
          // The other half of the sine's power lies at a negative frequency, whose side lobes reach here.
          assert.ok(under > -0.02 && under < WINDOWS[window].scalloping + 0.02, `${name}, plane ${plane}: ${under} dB too low`);
        });
        assert.equal(shape.length, 256);
        assert.equal(shape.middle, 1);
        for (const place of ['first', 'quarter']) assert.ok(Math.abs(shape[place] - WINDOWS[window][place]) < 1e-6, `${name}: ${JSON.stringify(shape)}`);
        assert.equal(hash, hashes.get(name) ?? hash, `${name}: the bits are those of the first engine`);
        hashes.set(name, hash);
      }
      assert.equal(new Set(seen.map(({ hash }) => hash)).size, seen.length, 'each is another');
    });

    test('a node that is connected to nothing is rendered all the same', async () => {
      const { powerEnd, bin, level } = await ask('tapped');
      assert.equal(powerEnd, 40_064);
      assert.equal(bin, 85);
      assert.ok(Math.abs(level + 12) < 1.5, `${level} dB`);
    });

    test('middle and side', async () => {
      const [middle, side] = await ask('middleAndSide');
      assert.deepEqual([middle.bin, side.bin], [128, 512]);
      assert.ok(Math.abs(middle.level + 12.041) < 0.01 && Math.abs(side.level + 18.062) < 0.01, JSON.stringify([middle, side]));
    });

    test('live, each frame is the one that endFrame says, as a tap', async () => {
      const seen = await ask('ramp');
      assert.equal(seen.length, 20);
      for (const each of seen) assert.deepEqual(each, { right: true, newer: true, last: true });
    });

    test('live, each frame is right also while the page rebuilds its graph', async () => {
      const seen = await ask('ramp', { rebuilds: true, fftSize: 8192 });
      assert.equal(seen.length, 20);
      for (const each of seen) assert.deepEqual(each, { right: true, newer: true, last: true });
    });

    test('live, spectra go on', async () => {
      const { heard, ends, levels, now } = await ask('goesOn');
      assert.ok(heard);
      assert.equal(ends.length, 10);
      ends.forEach((end, index) => assert.ok(index === 0 || end > ends[index - 1], ends.join()));
      // A burst of the browser may have been rendered ahead of its clock.
      assert.ok(ends.at(-1) <= now + 48_000, `${ends.at(-1)} at ${now}`);
      const [left, right] = levels;
      assert.ok(Math.abs(left.level + 12.041) < 0.02 && Math.abs(right.level + 18.062) < 0.02, JSON.stringify(levels));
    });

    test('workers are ended, and spectra go on', async () => assert.deepEqual(await ask('killed'), [true, true, true, true]));

    test('twelve readers of one analyser, each with its own size or window, leave room for each other and for tasks', async () => {
      const { counts, right, tasks, late } = await ask('many');
      assert.ok(counts.every((count) => count >= 10), counts.join());
      assert.ok(right.every(Boolean), right.join());
      assert.equal(tasks, 20, 'tasks are computed while nobody fetches');
      if (mode === 'shared') assert.ok(late.every((read) => !read), 'what nobody fetched for a second is forgotten');
    });

    test('after everything has an end there is nothing new', async () => {
      const { closed, other, disposed, late, engine, lateEngine } = await ask('ended');
      assert.equal(closed, 0);
      assert.ok(other > 0);
      assert.equal(disposed, 0);
      assert.equal(late?.code, 'disposed');
      assert.deepEqual(engine, [false, false, false]);
      assert.equal(lateEngine?.code, 'disposed');
    });

    test('what is wrong is refused with what there is', async () => {
      const { longest, other, defaults, ...refusals } = await ask('refusals');
      assert.deepEqual([longest, other], [null, null]);
      assert.deepEqual(defaults, { fftSize: 4096, window: 'hann', binCount: 2049, endFrame: 0 });
      const texts = {
        effect: /no analyser called "gain"; it has analyser, picture/, plain: /no analyser called "analyser"; it has none/,
        window: /no window called "boxcar"; there are hann, hamming, blackman-harris, flat-top/,
        long: /power of two from 512 to 8192 for analyser, not 16384/, short: /not 256/, odd: /not 1000/, broken: /not 1024.5/, text: /not NaN/,
        power: /plane 0 or 2 × binCount for both, 513 or 1026, not 1024/, frames: /from 2 to 2048/, oddFrames: /even number/, none: /not 0/,
      };
      assert.deepEqual(Object.keys(refusals).sort(), Object.keys(texts).sort());
      for (const [name, text] of Object.entries(texts)) {
        assert.equal(refusals[name]?.code, 'invalid-argument', name);
        assert.match(refusals[name].message, text);
      }
    });

    if (mode === 'shared') {
      test('a worker hangs, and spectra go on', async () => assert.deepEqual(await ask('hung'), { heard: true, read: 30, again: true }));
    }

    if (browser === 'chromium') {
      test('the audio thread fails, and readers go on with their node', async () => {
        const times = mode === 'shared' ? 4 : 1;
        const [first, ...seen] = await ask('adopted', times);
        assert.deepEqual(first, { mode, sounds: true });
        assert.deepEqual(seen, Array.from({ length: times }, (_, round) => ({ mode: round === 3 ? 'solo' : mode, sounds: true, goesOn: true, frames: true })));
      });
    }
  });
}
