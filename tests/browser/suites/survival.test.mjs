// The audio thread traps, and the sound goes on at the very frame where it stopped.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { missing } from '../drivers/index.mjs';
import { prefix } from '../server/faults.mjs';
import { FADE_FRAMES, assertRecovery, assertSame, locate } from '../sound/compare.mjs';
import { decode, trackPath } from '../sound/reference.mjs';
import { frameCount } from '../sound/sound.mjs';
import { modes, onStage, setUp } from './stage.mjs';

const skip = missing('chromium');
const fixture = setUp('chromium', { skip });

/** A frame of the track from which on it is never silent. */
const loud = 450_000;
const kinds = { unreachable: 1, 'out of bounds': 2, 'stack overflow': 3, 'division by zero': 4 };

/** Plays the track from `loud` on, harms the audio thread once with each of `harms`, and returns what was heard and told. */
async function harmed(fixtureOf, mode, expected, harms) {
  return onStage(fixtureOf, mode, { expected }, async ({ run, server, captured }) => ({
    ...await run(async (stage, url, start, list) => {
      const [deck] = stage.decks;
      const { player, capture } = deck;
      await player.load(url);
      await player.seekToFrame(start);
      await capture.start();
      await player.play();
      const recoveries = [];
      for (const kind of list) {
        await stage.wait(0.5);
        recoveries.push(await deck.harm(kind));
      }
      await stage.wait(0.7);
      const frame = player.currentFrame;
      const { telemetry, paused, track } = player;
      return {
        recoveries, frame, paused, telemetry: { ...telemetry }, errors: deck.errors, events: deck.events.map(({ type }) => type),
        name: track.name, mode: stage.engine.mode, report: stage.engine.report(),
      };
    }, `${server.origin}/track/lanterns.flac`, loud, harms),
    capture: await captured(),
  }));
}

async function assertHarmless(result, harms, mode) {
  const reference = await decode(trackPath('lanterns.flac'));
  const { capture, recoveries, report } = result;
  assert.deepEqual({ errors: result.errors, paused: result.paused, mode: result.mode, starved: result.telemetry.starvedFrames },
    { errors: [], paused: false, mode, starved: 0 });
  assert.equal(result.events.filter((type) => type === 'seeking' || type === 'seeked').length, 2, 'only the seek of the test is told as a seek');
  assert.equal(report.faults.length, harms.length);
  let place = loud + FADE_FRAMES;
  let offset = locate(capture, reference, place);
  for (const [index, { code, reason, gap }] of recoveries.entries()) {
    const found = assertRecovery(capture, reference, { offset, from: place });
    assert.equal(code, 'audio-thread-fault');
    assert.equal(reason, report.faults[index].message);
    assert.ok(report.faults[index].recoveryMilliseconds > 0);
    assert.ok(Math.abs(report.faults[index].at - Date.now()) < 600_000, 'when it was, by the clock on the wall');
    // The gap ends with the first frame that is heard; the one that is told is counted at a look some quanta later.
    assert.equal(Math.round(gap * 44_100), found.silent, `the gap that was told, of recovery ${index}`);
    ({ offset } = found);
    place = found.leftAt + FADE_FRAMES;
  }
  // The position that the page sees is that of the sound.
  const heard = frameCount(capture) - offset;
  assertSame(capture, reference, offset, place, heard);
  assert.ok(result.frame <= heard && result.frame > heard - 44_100, `the position is ${result.frame}, heard were frames up to ${heard}`);
}

for (const mode of Object.keys(modes)) {
  for (const [name, kind] of Object.entries(kinds)) {
    test(`${mode}: ${name}: the sound goes on at the very frame`, { skip }, async () => {
      await assertHarmless(await harmed(fixture, mode, mode, [kind]), [kind], mode);
    });
  }

  test(`${mode}: three faults in a row`, { skip }, async () => {
    await assertHarmless(await harmed(fixture, mode, mode, [1, 2, 4]), [1, 2, 4], mode);
  });

  test(`${mode}: connections and the automation of the volume go on`, { skip }, async () => {
    const reference = await decode(trackPath('lanterns.flac'));
    const { capture } = await onStage(fixture, mode, {}, async ({ run, server, captured }) => {
      await run(async (stage, url, start) => {
        const [deck] = stage.decks;
        const { player, capture } = deck;
        await player.load(url);
        await player.seekToFrame(start);
        await capture.start();
        const now = stage.context.currentTime + 0.1;
        player.gain.setValueAtTime(1, now);
        player.gain.linearRampToValueAtTime(0.25, now + 3);
        await player.play();
        await stage.wait(1);
        await deck.harm(1);
        await stage.wait(3.2);
      }, `${server.origin}/track/lanterns.flac`, loud);
      return { capture: await captured() };
    });
    // Before the ramp the volume is 1, behind it a quarter: powers of two, so the frames are exact.
    const before = locate(capture, reference, loud + FADE_FRAMES);
    const behind = { left: capture.left.map((sample) => sample * 4), right: capture.right.map((sample) => sample * 4) };
    const after = locate(behind, reference, loud + 145_000);
    assertSame(behind, reference, after, loud + 145_000, loud + 160_000, 'the sound behind the ramp');
    assert.ok(after > before, 'there was a gap');
    // The ramp follows the context's time: before and after the gap it is the same line.
    const volume = (offset, place) => {
      const level = (sound, from) => sound.left.subarray(from, from + 64).reduce((sum, sample) => sum + Math.abs(sample), 0);
      return level(capture, place + offset) / level(reference, place);
    };
    const [early, late] = [loud + 20_000, loud + 80_000];
    const slope = (volume(after, late) - volume(before, early)) / (late + after - early - before);
    assert.ok(Math.abs(slope / (-0.75 / (3 * 44_100)) - 1) < 1e-3, `the slope is ${slope}`);
  });

  test(`${mode}: a paused player stays paused, at its frame, and plays on`, { skip }, async () => {
    const reference = await decode(trackPath('lanterns.flac'));
    const { facts, capture } = await onStage(fixture, mode, {}, async ({ run, server, captured }) => ({
      facts: await run(async (stage, url, start) => {
        const [deck] = stage.decks;
        const { player, capture } = deck;
        await player.load(url);
        await player.seekToFrame(start);
        await player.play();
        await stage.wait(0.5);
        player.pause();
        await stage.wait(0.3);
        const before = player.currentFrame;
        await deck.harm(1);
        const after = player.currentFrame;
        const { paused } = player;
        await capture.start();
        await player.play();
        await stage.wait(0.7);
        return { before, after, paused, errors: deck.errors };
      }, `${server.origin}/track/lanterns.flac`, loud),
      capture: await captured(),
    }));
    assert.deepEqual(facts, { before: facts.before, after: facts.before, paused: true, errors: [] });
    const offset = locate(capture, reference, facts.before + FADE_FRAMES);
    assertSame(capture, reference, offset, facts.before + FADE_FRAMES, facts.before + 20_000);
    assert.ok(capture.left.subarray(0, facts.before + offset).every((sample) => sample === 0), 'nothing is heard before the frame where it was paused');
  });

  test(`${mode}: all players of the engine go on, with their queues and loops`, { skip }, async () => {
    const facts = await onStage(fixture, mode, { decks: 2 }, ({ run, server }) => run(async (stage, origin) => {
      const [first, second] = stage.decks;
      await first.player.load(`${origin}/track/excerpt-s16le.wav`);
      first.player.loop = true;
      await second.player.load(`${origin}/track/lanterns.flac`);
      await second.player.enqueue(`${origin}/track/excerpt-s24le.wav`);
      await first.player.play();
      await second.player.play();
      await stage.wait(0.5);
      const other = new Promise((resolve) => { second.player.addEventListener('recovered', resolve, { once: true }); });
      await Promise.all([first.harm(1), other]);
      await stage.wait(0.3);
      // The last frames of the track, and on to the next one of the queue.
      const next = second.event('trackchange', 20);
      await second.player.seekToFrame(2_720_000);
      await next;
      await stage.wait(0.3);
      const looped = first.player.loop && !first.player.paused;
      return { looped, name: second.player.track.name, states: stage.decks.map(({ player }) => player.telemetry.state), errors: stage.decks.flatMap(({ errors }) => errors), faults: stage.engine.report().faults.length };
    }, server.origin));
    assert.deepEqual(facts, { looped: true, name: 'excerpt-s24le.wav', states: ['playing', 'playing'], errors: [], faults: 1 });
  });

  test(`${mode}: garbage on the port of the node is counted and not heard`, { skip }, async () => {
    const reference = await decode(trackPath('lanterns.flac'));
    const { facts, capture } = await onStage(fixture, mode, {}, async ({ run, server, captured }) => ({
      facts: await run(async (stage, url, start) => {
        const [deck] = stage.decks;
        const { player, capture } = deck;
        await player.load(url);
        await player.seekToFrame(start);
        await capture.start();
        await player.play();
        await stage.wait(0.3);
        const garbage = [
          null, undefined, 7, 'text', [], {}, { type: 'unknown' }, { type: 'fault', kind: 0 }, { type: 'fault', kind: 'x' }, { type: 'adopt', id: 'none' },
          { type: 'command', name: '__stack_pointer' }, { type: 'command', name: 'controller_open' }, { type: 'feeder' },
        ];
        for (const message of garbage) player.port.postMessage(message);
        await stage.wait(0.7);
        return { sent: garbage.length, counted: player.telemetry.unreadableMessages, errors: deck.errors, faults: stage.engine.report().faults, events: deck.events.length };
      }, `${server.origin}/track/lanterns.flac`, loud),
      capture: await captured(),
    }));
    assert.deepEqual({ ...facts, events: 0 }, { sent: facts.sent, counted: facts.sent, errors: [], faults: [], events: 0 });
    assertSame(capture, reference, locate(capture, reference, loud + FADE_FRAMES), loud + FADE_FRAMES, loud + 35_000);
  });

  test(`${mode}: too many faults end in solo mode, then in silence, each with its reason, and never in a loop`, { skip }, async () => {
    const facts = await onStage(fixture, mode, {}, ({ run, server }) => run(async (stage, url, start) => {
      const [deck] = stage.decks;
      const { player } = deck;
      await player.load(url);
      await player.seekToFrame(start);
      await player.play();
      const modesAfter = [];
      for (let fault = 0; fault < 8 && deck.errors.length === 0; fault += 1) {
        await stage.wait(0.2);
        await Promise.race([deck.harm(1), deck.event('error', 15)]);
        modesAfter.push(`${stage.engine.mode}${deck.errors.length > 0 ? ', silent' : ''}`);
      }
      const { modeReason } = stage.engine;
      await stage.wait(1.5);
      return {
        modesAfter, modeReason, errors: deck.errors, paused: player.paused, faults: stage.engine.report().faults.length,
        playing: await stage.failure(player.play()), another: await stage.failure(stage.engine.createPlayer()),
      };
    }, `${server.origin}/track/lanterns.flac`, loud));
    const solo = ['solo', 'solo', 'solo', 'solo, silent'];
    assert.deepEqual(facts.modesAfter, mode === 'shared' ? ['shared', 'shared', 'shared', ...solo.slice(0, 1), ...solo] : solo);
    assert.equal(facts.faults, facts.modesAfter.length, 'nothing fails by itself afterwards');
    if (mode === 'shared') assert.match(facts.modeReason, /failed 4 times within a minute.*unreachable/);
    assert.equal(facts.paused, true);
    assert.deepEqual(facts.errors.map(({ code }) => code), ['audio-thread-fault']);
    assert.match(facts.errors[0].message, /4 times within a minute/);
    assert.deepEqual([facts.playing.code, facts.another.code], ['audio-thread-fault', 'audio-thread-fault']);
  });

  test(`${mode}: a trap while the processor is constructed rejects the promise`, { skip, timeout: 60_000 }, async () => {
    const page = await fixture.browser.open(`${fixture.server.origin}${prefix(modes[mode])}/pages/player.html`);
    try {
      const error = await page.evaluate(async () => {
        // The module's export that the constructor calls is another one, which traps.
        const { exchangeExports } = await import(new URL('exports.js', location.href).href);
        const compile = WebAssembly.compile.bind(WebAssembly);
        WebAssembly.compile = async (bytes) => compile(exchangeExports(bytes, 'rt_values', 'fault'));
        return window.stage.failure(window.stage.start());
      });
      assert.equal(error?.code, 'worklet-failed', JSON.stringify(error));
      assert.match(error.message, /did not start in the worklet/);
    } finally {
      await page.close();
    }
  });
}

const others = [
  { title: 'Firefox', browser: 'firefox', mode: 'shared' },
  { title: 'WebKitGTK', browser: 'webkit', mode: 'shared', options: { shared: true } },
];

for (const { title, browser, mode, options = {} } of others) {
  const absent = missing(browser);
  describe(title, { skip: absent }, () => {
    const own = setUp(browser, { options, sampleRate: 44_100 });

    test('the sound goes on at the very frame', async () => {
      await assertHarmless(await harmed(own, mode, mode, [1, 3]), [1, 3], mode);
    });
  });
}
