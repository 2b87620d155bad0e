// How far ahead of the sound a player is written: found while it plays, or fixed by the page.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { missing } from '../drivers/index.mjs';
import { FADE_FRAMES, assertJump, assertSame, locate } from '../sound/compare.mjs';
import { decode, trackPath } from '../sound/reference.mjs';
import { onStage, setUp } from './stage.mjs';

const rate = 44_100;

/** `free`: neither sound nor bytes pass through the main thread. */
const engines = [
  { title: 'Chromium, shared', browser: 'chromium', mode: 'shared', free: true },
  { title: 'Chromium, solo', browser: 'chromium', mode: 'solo' },
  { title: 'Firefox, shared', browser: 'firefox', mode: 'shared', free: true },
  { title: 'WebKitGTK, shared', browser: 'webkit', mode: 'shared', options: { shared: true } },
  { title: 'WebKitGTK, solo', browser: 'webkit', mode: 'solo' },
];

for (const { title, browser, mode, options = {}, free = false } of engines) {
  const skip = missing(browser);
  describe(title, { skip }, () => {
    const fixture = setUp(browser, { options, sampleRate: rate });

    test('a depth of one second is kept, and the sound is the same', async () => {
      const reference = await decode(trackPath('lanterns.flac'));
      const { facts, capture } = await onStage(fixture, mode, { decks: 0 }, async ({ run, server, captured }) => {
        const facts = await run(async (stage, url) => {
          await stage.addDeck({ bufferSeconds: 1 });
          const [{ player, capture }] = stage.decks;
          await player.load(url);
          await capture.start();
          await player.play();
          await stage.wait(2.5);
          const seen = [];
          for (let look = 0; look < 20; look += 1) {
            await stage.wait(0.05);
            const { bufferedFrames, targetFrames } = player.telemetry;
            seen.push({ bufferedFrames, targetFrames });
          }
          await player.seekToFrame(1_000_003);
          await stage.wait(1.5);
          player.pause();
          await stage.wait(0.5);
          const { bufferedFrames, starvedFrames } = player.telemetry;
          return { seen, bufferedFrames, starvedFrames };
        }, `${server.origin}/track/lanterns.flac`);
        return { facts, capture: await captured() };
      });
      assert.ok(facts.seen.every(({ targetFrames }) => targetFrames === rate), JSON.stringify(facts.seen));
      assert.ok(facts.seen.every(({ bufferedFrames }) => bufferedFrames <= rate), JSON.stringify(facts.seen));
      const usual = facts.seen.map(({ bufferedFrames }) => bufferedFrames).sort((a, b) => a - b)[10];
      assert.ok(usual > 0.8 * rate, `${usual} frames were ahead, of ${rate}`);
      // In solo mode the worklet tells of what was read in steps of 2048 frames.
      assert.ok(facts.bufferedFrames <= rate && facts.bufferedFrames > rate - 2048 - 128, `${facts.bufferedFrames} frames are ahead when paused`);
      assert.equal(facts.starvedFrames, 0);
      const offset = locate(capture, reference, rate);
      assertSame(capture, reference, offset, FADE_FRAMES, 2 * rate);
      assertJump(capture, reference, { offset, from: rate, target: 1_000_003 });
    });

    test('without a fixed depth it is within the limits', async () => {
      const { targetFrames, bufferedFrames, capacityFrames } = await onStage(fixture, mode, {}, ({ run, server }) => run(async (stage, url) => {
        const [{ player }] = stage.decks;
        await player.load(url);
        await player.play();
        await stage.wait(2.5);
        return { ...player.telemetry };
      }, `${server.origin}/track/lanterns.flac`));
      // Where the main thread is in the way it begins with all that fits.
      if (!free) assert.ok(targetFrames > 10 * rate && targetFrames < capacityFrames, `${targetFrames}`);
      else assert.ok(targetFrames > 3.8 * rate && targetFrames <= 4 * rate, `${targetFrames}`);
      assert.ok(bufferedFrames > 0.9 * targetFrames, `${bufferedFrames} of ${targetFrames}`);
    });

    test('a depth out of its range is refused with the range', async () => {
      const failures = await onStage(fixture, mode, { decks: 0 }, ({ run }) => run(async (stage) => {
        const failures = [];
        for (const bufferSeconds of [0.4, 11.4, -1, Infinity, Number.NaN]) failures.push(await stage.failure(stage.engine.createPlayer({ bufferSeconds })));
        for (const bufferSeconds of [0.5, 11.3]) failures.push(await stage.failure(stage.addDeck({ bufferSeconds })));
        return failures;
      }));
      for (const failure of failures.slice(0, 5)) {
        assert.equal(failure?.code, 'invalid-argument');
        assert.match(failure.message, /0\.5 to 11\.3/);
      }
      assert.deepEqual(failures.slice(5), [null, null]);
    });

    if (!free) {
      test('with six seconds, the least that is found here, five of a blocked main thread are not heard', async () => {
        const starved = await onStage(fixture, mode, { decks: 0 }, ({ run, server }) => run(async (stage, url) => {
          await stage.addDeck({ bufferSeconds: 6 });
          const [{ player }] = stage.decks;
          await player.load(url);
          await player.play();
          for (let round = 0; round < 2; round += 1) {
            await stage.wait(2);
            stage.block(5);
          }
          await stage.wait(0.2);
          return { frames: player.telemetry.starvedFrames, seconds: player.currentTime };
        }, `${server.origin}/computed/long.wav?six-${browser}-${mode}`));
        assert.equal(starved.frames, 0);
        assert.ok(starved.seconds > 13, `${starved.seconds} s were heard`);
      });
    }

    if (free) {
      test('a server that stood still until nothing was left makes it deeper', async () => {
        const facts = await onStage(fixture, mode, {}, ({ run, server }) => run(async (stage, url) => {
          const [{ player }] = stage.decks;
          await player.load(url);
          const { targetFrames } = player.telemetry;
          await player.play();
          const until = async (condition) => {
            for (let tenths = 0; !condition(player.telemetry); tenths += 1) {
              if (tenths > 250) throw new Error(JSON.stringify(player.telemetry));
              await stage.wait(0.1);
            }
          };
          await until(({ starvedFrames }) => starvedFrames > 0);
          await until(({ state }) => state === 'playing');
          const after = player.telemetry;
          await until(({ bufferedFrames }) => bufferedFrames > 0.9 * after.targetFrames);
          await stage.decks[0].harm(1);
          const kept = player.telemetry.targetFrames;
          return { before: targetFrames, after: after.targetFrames, kept, starved: after.starvedFrames, errors: stage.decks[0].errors };
        }, `${server.origin}/computed/long.wav?${browser}&lateFrom=600000&lateSeconds=8`));
        assert.deepEqual(facts.errors, []);
        assert.ok(facts.before > 3.9 * rate && facts.before <= 4 * rate, JSON.stringify(facts));
        assert.ok(facts.after > 1.5 * facts.before && facts.after > facts.starved, JSON.stringify(facts));
        // The engine behind it is another one now.
        assert.ok(facts.kept > 0.95 * facts.after, JSON.stringify(facts));
      });

      // Longer than the bytes last that the decode worker has, and the second: it needs nobody there.
      test('nine seconds of a blocked main thread are not heard with a second ahead', async () => {
        const starved = await onStage(fixture, mode, { decks: 0 }, ({ run, server }) => run(async (stage, url) => {
          await stage.addDeck({ bufferSeconds: 1 });
          const [{ player }] = stage.decks;
          await player.load(url);
          await player.play();
          await stage.wait(1);
          stage.block(9);
          await stage.wait(0.2);
          return { frames: player.telemetry.starvedFrames, seconds: player.currentTime };
        }, `${server.origin}/computed/long.wav?blocked-${browser}`));
        assert.equal(starved.frames, 0);
        assert.ok(starved.seconds > 9, `${starved.seconds} s were heard`);
      });
    }
  });
}
