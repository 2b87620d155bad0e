// The pool in the browser: jobs of the page, workers that die, and a sound that does not change by one bit.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { missing } from '../drivers/index.mjs';
import { align, assertNear } from '../sound/compare.mjs';
import { frameCount } from '../sound/sound.mjs';
import { full, modes, onStage, setUp } from './stage.mjs';

const skip = missing('chromium');
const fixture = setUp('chromium', { skip });

/** Spectrum by the definition, in double precision, of a few bins. */
function bin(samples, k) {
  let [real, imaginary] = [0, 0];
  samples.forEach((sample, n) => {
    const angle = (-2 * Math.PI * ((k * n) % samples.length)) / samples.length;
    real += sample * Math.cos(angle);
    imaginary += sample * Math.sin(angle);
  });
  return [real, imaginary];
}

/** The engine's mixing: xorshift32, 100000 rounds for each slice, of which 24 bits are handed on. */
function mixed(seed, slices) {
  let state = seed;
  for (let slice = 0; slice < slices; slice += 1) {
    for (let round = 0; round < 100_000; round += 1) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      state = state === 0 ? 1 : state;
    }
    state = (state >>> 8) || 0;
  }
  return state >>> 0;
}

for (const mode of Object.keys(modes)) {
  test(`${mode}: computeFft is the transform of the definition`, { skip }, async () => {
    const spectra = await onStage(fixture, mode, { decks: 0 }, ({ run }) => run(async (stage) => {
      const results = [];
      for (const size of [32, 1024, 32_768]) {
        const samples = Float32Array.from({ length: size }, (_, n) => ((n * 97 + 31) % 61) / 61 - 0.5);
        const pending = stage.engine.computeFft(samples);
        samples.fill(0);
        const { real, imaginary } = await pending;
        const chosen = [0, 1, 7, size / 4, size / 2 - 1, size / 2];
        results.push({ size, bins: [real.length, imaginary.length], chosen: chosen.map((k) => [k, real[k], imaginary[k]]) });
      }
      return results;
    }));
    for (const { size, bins, chosen } of spectra) {
      const samples = Array.from({ length: size }, (_, n) => Math.fround(((n * 97 + 31) % 61) / 61 - 0.5));
      assert.deepEqual(bins, [size / 2 + 1, size / 2 + 1]);
      for (const [k, real, imaginary] of chosen) {
        const [x, y] = bin(samples, k);
        const error = Math.hypot(real - x, imaginary - y);
        // Single precision loses about log2(N) roundings of the largest value, which the sum of N samples bounds.
        assert.ok(error < 1e-6 * size, `${size}: bin ${k} is off by ${error}`);
      }
    }
  });

  test(`${mode}: every kind of job, many at once, and calls that are wrong`, { skip }, async () => {
    const facts = await onStage(fixture, mode, { decks: 0, workers: 2 }, ({ run }) => run(async (stage) => {
      const { engine } = stage;
      const values = await Promise.all(Array.from({ length: 20 }, (_, seed) => engine.submit({ kind: 'test', seed: seed + 1, slices: 2 }, { priority: seed % 2 ? 'background' : 'interactive' })));
      const left = Float32Array.from({ length: 5000 }, (_, n) => n);
      const block = await engine.submit({ kind: 'audioBlock', left, right: left.map((n) => -n), from: 1, to: 0 });
      const controller = new AbortController();
      const aborted = stage.failure(engine.submit({ kind: 'test', seed: 1, slices: 4000 }, { signal: controller.signal }));
      controller.abort();
      const wrong = [
        engine.computeFft(new Float32Array(1000)), engine.computeFft(new Float32Array(65_536)), engine.submit({ kind: 'dance' }),
        engine.submit({ kind: 'test', seed: 1, fault: 'boredom' }), engine.submit({ kind: 'fft', samples: [1, 2] }), engine.submit({ kind: 'test', seed: 1 }, { priority: 'first' }),
      ];
      return {
        values: values.map(({ value }) => value), timed: values.every(({ executionMilliseconds }) => executionMilliseconds > 0),
        ends: [block.left[0], block.left[2500], block.right[4999]], aborted: (await aborted).code,
        wrong: await Promise.all(wrong.map(async (promise) => (await stage.failure(promise)).code)),
        memory: engine.memory(),
      };
    }));
    assert.deepEqual(facts.values, Array.from({ length: 20 }, (_, seed) => mixed(seed + 1, 2)));
    assert.ok(facts.timed);
    assert.equal(facts.ends[0], 0);
    assert.ok(Math.abs(facts.ends[1] - 1250) < 1 && Math.abs(facts.ends[2]) < 2, `${facts.ends}`);
    assert.equal(facts.aborted, 'aborted');
    assert.deepEqual(facts.wrong, Array(6).fill('invalid-argument'));
    assert.ok(facts.memory.usedBytes > 2e6 && facts.memory.usedBytes < facts.memory.totalBytes, JSON.stringify(facts.memory));
  });

  for (const fault of ['unreachable', 'outOfBounds', 'stackOverflow', 'divisionByZero', ...(mode === 'shared' ? ['hang'] : [])]) {
    test(`${mode}: a job whose worker dies (${fault}) is done by another`, { skip }, async () => {
      const facts = await onStage(fixture, mode, { decks: 0, workers: 2 }, ({ run }) => run(async (stage, kind) => {
        const { value } = await stage.engine.submit({ kind: 'test', seed: 77, slices: 6, fault: kind });
        await stage.wait(0.4);
        const after = await stage.engine.submit({ kind: 'test', seed: 78, slices: 2 });
        return { value, after: after.value, workers: stage.engine.workers.map((worker) => ({ ...worker })) };
      }, fault));
      assert.deepEqual([facts.value, facts.after], [mixed(77, 6), mixed(78, 2)]);
      if (mode === 'shared') {
        assert.deepEqual(facts.workers.map(({ state }) => state), ['working', 'working']);
        assert.equal(facts.workers.reduce((sum, { restarts }) => sum + restarts, 0), 1);
        assert.match(facts.workers.find(({ restarts }) => restarts).lastExitReason, fault === 'hang' ? /took no turn/ : /threw/);
      }
    });
  }
}

test('shared: the pool is resized, and shut down', { skip }, async () => {
  const facts = await onStage(fixture, 'shared', { decks: 0, workers: 1 }, ({ run }) => run(async (stage) => {
    const { engine } = stage;
    const states = () => engine.workers.map(({ state }) => state);
    const sizes = [];
    for (const count of [4, 8, 2, 1, 3]) {
      await engine.resize(count);
      sizes.push(states());
    }
    const wrong = [(await stage.failure(engine.resize(0))).code, (await stage.failure(engine.resize(9))).code];
    const { value } = await engine.submit({ kind: 'test', seed: 5, slices: 1 });
    const pending = stage.failure(engine.submit({ kind: 'test', seed: 5, slices: 4000 }));
    await engine.dispose();
    return { sizes, wrong, value, pending: (await pending).code, after: engine.workers.length };
  }));
  assert.deepEqual(facts.sizes, [4, 8, 2, 1, 3].map((count) => Array(count).fill('working')));
  assert.deepEqual(facts, { ...facts, wrong: ['invalid-argument', 'invalid-argument'], value: mixed(5, 1), pending: 'disposed', after: 0 });
});

/** Plays the start of the track through a convolver in `mode`, lets `disturb` happen meanwhile, and returns the sound and what is known. */
async function convolved(mode, workers, disturb, seconds) {
  return onStage(fixture, mode, { decks: 0, workers, memoryMebibytes: 32 }, async ({ page, run, server, captured }) => {
    await run(async (stage, url) => {
      await stage.addDeck({ impulseResponse: stage.response(8000) });
      const [{ player, capture }] = stage.decks;
      player.parameters.get('convolver.wet').value = 0.5;
      await player.load(url);
      await player.seekToFrame(450_000);
      await capture.start();
      await player.play();
    }, `${server.origin}/track/lanterns.flac`);
    const disturbed = await page.evaluate(`() => (${disturb})(window.stage)`);
    const facts = await run(async (stage, rest) => {
      await stage.wait(rest);
      const { telemetry } = stage.decks[0].player;
      const report = stage.engine.report();
      return { starved: telemetry.starvedFrames, errors: stage.decks[0].errors, audioJobs: report.audioJobs, faults: report.faults, memory: stage.engine.memory(), workers: report.workers };
    }, seconds);
    return { ...facts, disturbed, capture: await captured() };
  });
}

/**
 * Where a convolver's blocks lie depends on when its node was made, and with it the last bits of what it rounds: two recordings
 * are the same but for that. That nobody's death changes a bit is for scenes that begin with their node (answer.test.mjs).
 */
function assertLike(capture, reference, from, to, what) {
  assertNear(capture, reference, align(capture, reference, from), from, to, ROUNDING_DECIBELS, what);
}

function assertUndisturbed(result, reference, what) {
  assert.deepEqual([result.starved, result.errors, result.faults], [0, [], []], what);
  const frames = Math.min(frameCount(result.capture), frameCount(reference)) - 60_000;
  assert.ok(frames > 60_000, `only ${frames} frames can be compared`);
  assertLike(result.capture, reference, 30_000, frames, what);
}

/** What differs by rounding alone is below this, relative to full scale. */
const ROUNDING_DECIBELS = -120;

const quantile = (values, share) => values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.ceil(share * values.length) - 1)];

test('the sound of a convolver is the same whoever computes it, and whoever dies', { skip }, async (t) => {
  const kills = full ? 1000 : 24;
  // Nobody to die, and nothing shared: the audio thread computes all.
  const { capture: reference } = await convolved('solo', 1, 'async () => {}', full ? 60 : 14);
  for (const workers of full ? [1, 2, 3, 4, 5, 6, 7, 8] : [1, 3, 8]) {
    const share = Math.ceil(kills / (full ? 8 : 3));
    const result = await convolved('shared', workers, `(stage) => stage.killWorkers(${share}, ${workers})`, 3);
    const { milliseconds, claiming, values } = result.disturbed;
    t.diagnostic(`${workers} workers, ${milliseconds.length} dead, ${claiming} of them with a job; replaced after ${quantile(milliseconds, 0.5).toFixed(0)} ms (median), ${quantile(milliseconds, 0.99).toFixed(0)} ms (p99), ${Math.max(...milliseconds).toFixed(0)} ms (longest); audio jobs ${JSON.stringify(result.audioJobs)}`);
    assertUndisturbed(result, reference, `${workers} workers`);
    assert.ok(claiming >= milliseconds.length / 3, `${claiming} of ${milliseconds.length} had a job`);
    assert.deepEqual(values, [mixed(9, 4)]);
    assert.deepEqual(result.workers.map(({ state }) => state), Array(workers).fill('working'));
    assert.equal(result.audioJobs.refused, 0);
  }
});

for (const mode of Object.keys(modes)) {
  test(`${mode}: after a trap of the audio thread a convolver goes on as before when its response has been heard once`, { skip }, async () => {
    const { capture: reference } = await convolved('solo', 1, 'async () => {}', 4);
    const result = await convolved(mode, 2, 'async (stage) => { await stage.wait(1); await stage.decks[0].harm(1); }', 2);
    assert.deepEqual([result.faults.length, result.errors], [1, []]);
    // A second was heard before the trap. Half a second after it, 8000 frames of history are complete.
    const from = 80_000;
    assertLike(result.capture, reference, from, from + 20_000);
  });
}

test('all workers killed at once, again and again, while the main thread is blocked too', { skip }, async () => {
  const { capture: reference } = await convolved('solo', 1, 'async () => {}', 12);
  const result = await convolved('shared', 4, `async (stage) => {
    for (let round = 0; round < 3; round += 1) {
      for (let index = 0; index < 4; index += 1) stage.engine.killWorker(index);
      stage.block(2.5);
      await stage.wait(0.6);
    }
  }`, 1);
  assertUndisturbed(result, reference, 'all killed');
  assert.deepEqual(result.workers.map(({ state, restarts }) => [state, restarts >= 3]), Array(4).fill(['working', true]));
});

test('workers that never start are tried again, and those that die while they start are replaced', { skip }, async () => {
  const { capture: reference } = await convolved('solo', 1, 'async () => {}', 8);
  const result = await convolved('shared', 2, `async (stage) => {
    const { engine } = stage;
    const until = async (condition, step) => {
      for (const began = performance.now(); !condition();) {
        if (performance.now() > began + 30_000) throw new Error(JSON.stringify(engine.workers));
        await stage.wait(0.005);
        engine.workers.forEach(({ state }, index) => step(state, index));
      }
    };
    const Real = Worker;
    const silent = new URL('silent.js', location.href);
    globalThis.Worker = class extends Real {
      constructor() {
        super(silent);
      }
    };
    // The spare one has loaded its script already. Whoever comes after it never answers.
    const anybody = () => engine.workers.some(({ state }) => state === 'working');
    for (let round = 0; round < 5 && anybody(); round += 1) {
      await until(() => !anybody(), (state, index) => {
        if (state === 'working') engine.killWorker(index);
      });
      // Longer than a start may take.
      await stage.wait(1.5);
    }
    const without = engine.workers.map(({ state }) => state);
    globalThis.Worker = Real;
    let killed = 0;
    await until(() => engine.workers.every(({ state }) => state === 'working'), (state, index) => {
      if (state !== 'starting' || killed === 2) return;
      engine.killWorker(index);
      killed += 1;
    });
    return { without, killed };
  }`, 1);
  assertUndisturbed(result, reference, 'nobody starts');
  assert.ok(!result.disturbed.without.includes('working'), `${result.disturbed.without}`);
  assert.equal(result.disturbed.killed, 2);
});

test('shared: memory stays flat while workers die', { skip }, async () => {
  const facts = await onStage(fixture, 'shared', { decks: 0, workers: 2 }, ({ run }) => run(async (stage) => {
    const used = [];
    // Every seat has had its stack after the first round.
    for (let round = 0; round < 3; round += 1) {
      for (let death = 0; death < 20; death += 1) await stage.engine.submit({ kind: 'test', seed: 9, slices: 2, fault: 'unreachable' });
      used.push(stage.engine.memory().usedBytes);
    }
    return used;
  }));
  assert.deepEqual(facts.slice(1), facts.slice(1).map(() => facts[1]));
  assert.ok(facts[1] - facts[0] <= 16 * 65_536, `${facts}`);
});

const others = [
  { title: 'Firefox', browser: 'firefox' },
  { title: 'WebKitGTK', browser: 'webkit', options: { shared: true } },
];

for (const { title, browser, options = {} } of others) {
  const absent = missing(browser);
  describe(title, { skip: absent }, () => {
    const own = setUp(browser, { options, sampleRate: 44_100 });

    for (const mode of Object.keys(modes)) {
      test(`${mode}: spectra, and jobs whose workers die or are late`, async () => {
        const faults = ['unreachable', 'stackOverflow', 'delay', ...(mode === 'shared' ? ['hang'] : [])];
        const facts = await onStage(own, mode, { decks: 0, workers: 2 }, ({ run }) => run(async (stage, kinds) => {
          const { real } = await stage.engine.computeFft(new Float32Array(64).fill(1));
          const values = [];
          for (const fault of kinds) values.push((await stage.engine.submit({ kind: 'test', seed: 9, slices: 4, fault })).value);
          await stage.wait(0.5);
          return { direct: real[0], values, states: stage.engine.workers.map(({ state }) => state) };
        }, faults));
        assert.deepEqual(facts, { direct: 64, values: faults.map(() => mixed(9, 4)), states: mode === 'shared' ? ['working', 'working'] : [] });
      });
    }
  });
}
