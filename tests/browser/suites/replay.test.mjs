// A recording leaves the page, and a program renders again from it what was heard, bit by bit, and what was missing.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { missing } from '../drivers/index.mjs';
import { assertSame, locate } from '../sound/compare.mjs';
import { longWave } from '../sound/long.mjs';
import { floats, frameCount, fromInterleaved } from '../sound/sound.mjs';
import { onStage, setUp } from './stage.mjs';

const rate = longWave.sampleRate;
const root = fileURLToPath(new URL('../../..', import.meta.url));
const run = promisify(execFile);

/** What is sought last. */
const FAR_FRAME = 20 * rate;
const FILE_FRAMES = 35 * rate;

/** Words of an event: its frame, what kind it is, and what it says. */
const FRAME = 2;
const KIND = 4;
const COUNT = 5;
const TRACK_FRAME = 6;
const PACKED = 7;
const STREAM = 20;
const JUMPS = 3;
const STARVES = 8;

const changes = (change) => (words) => words[KIND] === STREAM && (words[PACKED] & 15) === change;

/** The long file's beginning as the program reads it: WAV, 32-bit floats. */
function floatWave() {
  const [left, right] = longWave.planes(0, FILE_FRAMES);
  const samples = Float32Array.from({ length: 2 * FILE_FRAMES }, (_, i) => (i % 2 === 0 ? left : right)[i >> 1]);
  const header = Buffer.alloc(44);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(36 + samples.byteLength, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(3, 20);
  header.writeUInt16LE(2, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate * 8, 28);
  header.writeUInt16LE(8, 32);
  header.writeUInt16LE(32, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(samples.byteLength, 40);
  return Buffer.concat([header, Buffer.from(samples.buffer)]);
}

/**
 * Plays, pauses, goes on while the page rebuilds its graph, seeks, starves until late bytes have come, seeks and pauses; all within the
 * recorder's 30 s.
 */
async function live(stage, address, farFrame) {
  const { monitor } = stage.engine;
  await stage.addDeck({ bufferSeconds: 1 });
  const [{ player, capture }] = stage.decks;
  await capture.start();
  await player.load(address);
  await player.play();
  await stage.wait(1.2);
  player.pause();
  await stage.wait(0.4);
  await player.play();
  const { rebuild } = await import('/pages/rebuild.js');
  const end = rebuild(stage.context);
  await stage.wait(0.6);
  end();
  await player.seekToFrame(70_000);
  const become = async (starved) => {
    for (let tenths = 0; (player.telemetry.state === 'starved') !== starved; tenths += 1) {
      if (tenths > 150) throw new Error(`the player is ${player.telemetry.state}`);
      await stage.wait(0.1);
    }
  };
  await become(true);
  await become(false);
  await stage.wait(0.8);
  await player.seekToFrame(farFrame);
  await stage.wait(0.6);
  player.pause();
  // The state after the pause is told within a tenth of a second.
  await stage.wait(0.5);
  return { recording: monitor.recording(), starvedFrames: player.telemetry.starvedFrames };
}

for (const name of ['chromium', 'firefox']) {
  describe(`${name}, shared`, { skip: missing(name) }, () => {
    const fixture = setUp(name, { sampleRate: rate });
    const place = (file) => join(fixture.folder, file);
    before(() => {
      fixture.folder = mkdtempSync(join(tmpdir(), 'rusty-audio-replay-'));
      writeFileSync(place('long.wav'), floatWave());
    });
    after(() => rmSync(fixture.folder, { recursive: true }));

    /** What the program says of a recording; what it complains of is thrown. */
    async function replay(recording) {
      writeFileSync(place('recording.json'), typeof recording === 'string' ? recording : JSON.stringify(recording));
      const files = ['recording.json', 'long.wav', 'heard.pcm'].map(place);
      const { stdout } = await run('cargo', ['run', '--quiet', '-p', 'rusty-audio-recorder', '--example', 'replay', '--', ...files], { cwd: root });
      return JSON.parse(stdout);
    }

    test('what a program renders from the recording and the file is what was heard', async (context) => {
      const { recording, starvedFrames, capture } = await onStage(fixture, 'shared', { decks: 0 }, async (stage) => {
        // Late bytes of one address are late once.
        const address = `${fixture.server.origin}/computed/long.wav?replay-${name}&lateFrom=600000&lateSeconds=11`;
        const lived = await stage.run(live, address, FAR_FRAME);
        return { ...lived, capture: await stage.captured() };
      });
      const parsed = JSON.parse(recording);
      assert.deepEqual([parsed.format, parsed.sampleRate], [2, rate]);
      for (const { events } of parsed.tracks) {
        for (const words of events) assert.ok(words.length === 8 && words.every((word) => Number.isInteger(word)), 'words and no samples');
      }

      const told = await replay(recording);
      const rendered = fromInterleaved(floats(readFileSync(place('heard.pcm'))));
      context.diagnostic(`${recording.length} characters; ${JSON.stringify(told)}`);
      assert.equal(told.frames, frameCount(rendered));
      assert.equal(told.starvedFrames, starvedFrames);
      assert.ok(starvedFrames > rate, `${starvedFrames} frames starved`);
      const sounds = rendered.left.findIndex((sample) => sample !== 0);
      const offset = locate(capture, rendered, sounds, { frames: 1024 });
      const from = Math.max(0, -offset);
      assert.ok(from <= sounds, 'all that was heard was captured');
      assertSame(capture, rendered, offset, from, told.frames, 'what was heard');
      // All of it is there: the sound after the last seek, and the end that is silent.
      const [left, right] = longWave.planes(FAR_FRAME, 4096);
      locate(rendered, { left, right }, 1024);
      assert.ok(capture.left.subarray(told.frames + offset).every((sample) => sample === 0), 'nothing was heard after the replay');

      const { tracks } = parsed;
      const source = tracks.findIndex(({ thread }) => thread.source === 0);
      const hole = tracks[source].events.findIndex(changes(STARVES));
      assert.notEqual(hole, -1);
      for (const [word, change] of [[FRAME, 1], [FRAME, -1], [FRAME, 4410], [COUNT, 1]]) {
        const altered = structuredClone(parsed);
        altered.tracks[source].events[hole][word] += change;
        const outcome = await replay(altered).catch(({ stderr }) => stderr);
        context.diagnostic(`word ${word} altered by ${change}: ${JSON.stringify(outcome)}`);
        if (typeof outcome === 'string') assert.match(outcome, /Use the recording as it was taken|Use the engine that it was recorded|record again/);
        else assert.notEqual(outcome.hash, told.hash);
      }
      // Nothing contradicts a seek to another frame, and it is heard.
      const elsewhere = structuredClone(parsed);
      elsewhere.tracks[source].events.findLast(changes(JUMPS))[TRACK_FRAME] += 1;
      const { hash, ...others } = await replay(elsewhere);
      assert.notEqual(hash, told.hash);
      assert.deepEqual({ hash: told.hash, ...others }, told);
      const without = structuredClone(parsed);
      without.tracks[source].events.splice(hole, 1);
      await assert.rejects(replay(without), /The events contradict each other|were written over/);
      await assert.rejects(replay({ ...parsed, format: 1 }), /has the format 1, and this program reads the format 2/);
      await assert.rejects(replay(recording.slice(0, -100)), /This is no whole recording/);
    });

    test('a recording of solo mode is refused, and why', async () => {
      const recording = await onStage(fixture, 'solo', {}, ({ run: inPage }) => inPage(async (stage, address) => {
        const { monitor } = stage.engine;
        const [{ player }] = stage.decks;
        await player.load(address);
        await player.play();
        await stage.wait(1);
        return monitor.recording();
      }, `${fixture.server.origin}/track/lanterns.flac`));
      await assert.rejects(replay(recording), /was made in solo mode, .* Serve the page with the isolation headers/);
    });
  });
}
