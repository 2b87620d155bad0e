// Firefox and WebKitGTK, shared and solo: play, seek, a blocked main thread, and no starved frame.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { missing } from '../drivers/index.mjs';
import { FADE_FRAMES, align, assertJump, assertNear, assertSame, locate } from '../sound/compare.mjs';
import { decode, trackPath } from '../sound/reference.mjs';
import { frameCount } from '../sound/sound.mjs';
import { onStage, setUp } from './stage.mjs';

const engines = [
  { title: 'Firefox, shared', browser: 'firefox', mode: 'shared' },
  { title: 'Firefox, solo', browser: 'firefox', mode: 'solo' },
  { title: 'WebKitGTK, shared', browser: 'webkit', mode: 'shared', options: { shared: true } },
  { title: 'WebKitGTK, solo', browser: 'webkit', mode: 'solo', options: { shared: true } },
  // Isolated, and yet without SharedArrayBuffer.
  { title: 'WebKitGTK, isolated without SharedArrayBuffer', browser: 'webkit', mode: 'solo', options: { shared: false }, served: 'shared' },
];

for (const { title, browser, mode, options = {}, served = mode } of engines) {
  const skip = missing(browser);
  describe(title, { skip }, () => {
    const fixture = setUp(browser, { options, sampleRate: 44_100 });

    test('plays, seeks and ends', async () => {
      const reference = await decode(trackPath('lanterns.flac'));
      const { facts, capture } = await onStage(fixture, served, { expected: mode }, async ({ run, server, captured }) => {
        const facts = await run(async (stage, url) => {
          const [deck] = stage.decks;
          await deck.player.load(url);
          await deck.capture.start();
          await deck.player.play();
          await stage.wait(2.5);
          const first = await deck.player.seekToFrame(1_000_003);
          await stage.wait(1.5);
          const second = await deck.player.seekToFrame(500_001);
          await stage.wait(1);
          await deck.player.seekToFrame(2_720_000);
          await deck.event('ended', 20);
          return { first, second, starved: deck.player.telemetry.starvedFrames, errors: deck.errors };
        }, `${server.origin}/track/lanterns.flac`);
        return { facts, capture: await captured() };
      });
      assert.deepEqual(facts, { first: { frame: 1_000_003, exact: true }, second: { frame: 500_001, exact: true }, starved: 0, errors: [] });
      const offset = locate(capture, reference, 44_100);
      assertSame(capture, reference, offset, FADE_FRAMES, 2 * 44_100);
      const jump = assertJump(capture, reference, { offset, from: 44_100, target: 1_000_003 });
      assertJump(capture, reference, { offset: jump.offset, from: 1_010_000, target: 500_001 });
    });

    test('every family of formats', async () => {
      const names = ['excerpt-s24le.wav', 'excerpt-s16be.aiff', 'lanterns-vbr.mp3', 'lanterns.ogg', 'lanterns-aac.m4a', 'lanterns-alac.m4a', 'lanterns.opus'];
      await onStage(fixture, served, { expected: mode, decks: 1 }, async ({ run, server, captured }) => {
        for (const name of names) {
          const errors = await run(async (stage, url) => {
            const [deck] = stage.decks;
            await deck.capture.start();
            await deck.player.load(url);
            await deck.player.play();
            // By its own clock: how long the start takes is the machine's affair.
            while (deck.player.currentTime < 1.5 && !deck.player.ended && deck.errors.length === 0) await stage.wait(0.05);
            deck.player.pause();
            await stage.wait(0.1);
            return deck.errors;
          }, `${server.origin}/track/${name}`);
          assert.deepEqual(errors, [], name);
          const capture = await captured();
          if (name.endsWith('.opus')) {
            assert.ok(capture.left.some((sample) => Math.abs(sample) > 0.01), 'Opus is heard');
            continue;
          }
          const reference = await decode(trackPath(name));
          const offset = align(capture, reference, 20_000, { before: 110_000 });
          assertNear(capture, reference, offset, FADE_FRAMES, 44_100, -90, name);
        }
      });
    });

    test('a new class of nodes is registered long after the start, with much garbage in between', async () => {
      const names = await onStage(fixture, served, { expected: mode, decks: 0 }, ({ run }) => run(async ({ context, engine, wait }) => {
        const source = `registerProcessor('garbage', class extends AudioWorkletProcessor {
          process() {
            this.garbage = Array.from({ length: 64 }, () => new Float32Array(4096));
            return true;
          }
        });`;
        const address = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
        await context.audioWorklet.addModule(address);
        const garbage = new AudioWorkletNode(context, 'garbage');
        garbage.connect(context.destination);
        await wait(4);
        garbage.disconnect();
        const node = await engine.createNode({ effects: ['gain', 'delay'] });
        return [...node.parameters.keys()];
      }));
      assert.ok(names.includes('delay.time'), names.join());
    });

    test('the main thread blocked half of the time, and for five seconds', async () => {
      const reference = await decode(trackPath('lanterns.flac'));
      const { starved, capture } = await onStage(fixture, served, { expected: mode }, async ({ run, server, captured }) => {
        const starved = await run(async (stage, url) => {
          const [{ player, capture }] = stage.decks;
          await player.load(url);
          await capture.start();
          await player.play();
          // A track sounds as soon as 8192 frames are in hand, and while the main thread is blocked none come where it must pass them on.
          for (let look = 0; player.telemetry.bufferedFrames < 48_000 && look < 200; look += 1) await stage.wait(0.05);
          const end = performance.now() + 8000;
          while (performance.now() < end) {
            stage.block(0.4);
            await stage.wait(0.4);
          }
          stage.block(5);
          await stage.wait(0.5);
          return player.telemetry.starvedFrames;
        }, `${server.origin}/track/lanterns.flac`);
        return { starved, capture: await captured() };
      });
      assert.equal(starved, 0, 'starved frames');
      const offset = locate(capture, reference, 44_100);
      const frames = frameCount(capture) - offset;
      // Sound that stood still whenever the main thread did would come to 4.5 s.
      assert.ok(frames > 9 * 44_100, `${frames / 44_100} s of sound in 13.5 s`);
      assertSame(capture, reference, offset, FADE_FRAMES, frames);
    });
  });
}
