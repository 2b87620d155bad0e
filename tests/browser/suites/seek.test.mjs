// Positions: seeks, pauses, loops and the succession of tracks, to the frame.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { missing } from '../drivers/index.mjs';
import { FADE_FRAMES, align, assertJump, assertNear, assertPause, assertSame, assertSilent, locate } from '../sound/compare.mjs';
import { loudFrames, makeLoud, materialPath } from '../sound/material.mjs';
import { decode, trackPath } from '../sound/reference.mjs';
import { frameCount, joined, part } from '../sound/sound.mjs';
import { full, modes, onStage, setUp } from './stage.mjs';

const skip = missing('chromium');
const fixture = setUp('chromium', { skip });
before(() => { if (!skip) makeLoud(); });

/** Between these frames the track is never silent. */
const loud = { from: 450_000, to: 1_300_000 };

for (const mode of Object.keys(modes)) {
  test(`${mode}: seeks while playing land on the very frame`, { skip }, async () => {
    // A fixed sequence, forwards and backwards, of a step that shares no factor with the span.
    const targets = Array.from({ length: full ? 100 : 12 }, (_, index) => loud.from + ((index + 1) * 523_987) % (loud.to - loud.from));
    const reference = await decode(trackPath('lanterns.flac'));
    const { results, capture, starved } = await onStage(fixture, mode, {}, async ({ run, server, captured }) => ({
      ...await run(async (stage, url, frames) => {
        const [{ player, capture }] = stage.decks;
        await player.load(url);
        await player.seekToFrame(441_000);
        await capture.start();
        await player.play();
        const results = [];
        for (const frame of frames) {
          await stage.wait(0.25);
          results.push(await player.seekToFrame(frame));
        }
        await stage.wait(0.4);
        return { results, starved: player.telemetry.starvedFrames };
      }, `${server.origin}/track/lanterns.flac`, targets),
      capture: await captured(),
    }));
    assert.deepEqual(results, targets.map((frame) => ({ frame, exact: true })));
    let place = 441_000 + FADE_FRAMES;
    let offset = locate(capture, reference, place);
    for (const target of targets) {
      ({ offset } = assertJump(capture, reference, { offset, from: place, target }));
      place = target + FADE_FRAMES;
    }
    assert.equal(starved, 0);
  });

  test(`${mode}: a paused player is sought, and plays from the very frame`, { skip }, async () => {
    const reference = await decode(trackPath('lanterns.flac'));
    const { facts, capture } = await onStage(fixture, mode, {}, async ({ run, server, captured }) => ({
      facts: await run(async (stage, url) => {
        const [{ player, capture }] = stage.decks;
        await player.load(url);
        await capture.start();
        await player.seekToFrame(600_000);
        await player.seekToFrame(700_001);
        const { context } = player;
        const [before, begun] = [player.currentFrame, context.currentTime];
        await player.play();
        await stage.wait(0.5);
        const after = player.currentFrame;
        return { before, after, rendered: Math.round((context.currentTime - begun) * context.sampleRate) };
      }, `${server.origin}/track/lanterns.flac`),
      capture: await captured(),
    }));
    assert.equal(facts.before, 700_001);
    // The context's clock may be a callback behind what was rendered.
    assert.ok(facts.after > 700_001 && facts.after <= 700_001 + facts.rendered + 4096, JSON.stringify(facts));
    const offset = locate(capture, reference, 700_001 + FADE_FRAMES);
    assertSilent(capture, 0, 700_001 + offset);
    assertSame(capture, reference, offset, 700_001 + FADE_FRAMES, 710_000);
  });

  test(`${mode}: pause holds the very frame`, { skip }, async () => {
    const pauses = full ? 40 : 6;
    const reference = await decode(trackPath('lanterns.flac'));
    const { positions, capture } = await onStage(fixture, mode, {}, async ({ run, server, captured }) => ({
      positions: await run(async (stage, url, count) => {
        const [{ player, capture }] = stage.decks;
        await player.load(url);
        await player.seekToFrame(450_000);
        await capture.start();
        await player.play();
        const positions = [];
        for (let index = 0; index < count; index += 1) {
          await stage.wait(0.3);
          player.pause();
          await stage.wait(0.2);
          positions.push(player.currentFrame);
          await player.play();
        }
        await stage.wait(0.3);
        return positions;
      }, `${server.origin}/track/lanterns.flac`, pauses),
      capture: await captured(),
    }));
    let place = 450_000 + FADE_FRAMES;
    let offset = locate(capture, reference, place);
    for (const position of positions) {
      const pause = assertPause(capture, reference, { offset, from: place });
      assert.equal(position, pause.pausedAt, 'currentFrame while paused');
      offset = pause.offset;
      place = pause.pausedAt + FADE_FRAMES;
    }
  });

  test(`${mode}: an entry of the queue is played when it is asked for, paused or not`, { skip }, async () => {
    const names = ['excerpt-s16le.wav', 'excerpt-s24le.wav'];
    const { facts, capture } = await onStage(fixture, mode, {}, async ({ run, server, captured }) => ({
      facts: await run(async (stage, urls) => {
        const [deck] = stage.decks;
        const { player } = deck;
        const first = await player.load(urls[0]);
        const second = await player.enqueue(urls[1]);
        await second.opened;
        const paused = deck.event('seeked', 10);
        player.playTrack(second);
        await paused;
        const facts = [[player.track === second, player.currentFrame, player.paused]];
        await deck.capture.start();
        await player.play();
        await stage.wait(0.5);
        const playing = deck.event('seeked', 10);
        player.playTrack(first);
        await playing;
        facts.push([player.track === first, player.paused]);
        await deck.event('ended', 20);
        return facts;
      }, names.map((name) => `${server.origin}/track/${name}`)),
      capture: await captured(),
    }));
    assert.deepEqual(facts, [[true, 0, true], [true, false]]);
    const [first, second] = await Promise.all(names.map((name) => decode(trackPath(name))));
    // Half a second of the second, then both, one after the other.
    const offset = locate(capture, second, 1000);
    assertSame(capture, second, offset, FADE_FRAMES, 15_000);
    const rest = part(capture, offset + 15_000);
    const again = locate(rest, first, 1000);
    assertSame(rest, first, again, FADE_FRAMES, frameCount(first));
    assertSame(part(rest, again + frameCount(first)), second, 0, 0, frameCount(second));
  });

  test(`${mode}: events come as those of an audio element do`, { skip }, async () => {
    const { ours, theirs, updates, seconds } = await onStage(fixture, mode, {}, ({ run, server }) => run(async (stage, url) => {
      const TYPES = ['play', 'playing', 'pause', 'seeking', 'seeked', 'volumechange', 'ended'];
      /** Does with a player what a person does, and returns the events that it sends, those of the time apart. */
      const operate = async (player) => {
        const events = [];
        const updates = [];
        for (const type of TYPES) player.addEventListener(type, () => events.push(type));
        player.addEventListener('timeupdate', () => updates.push(player.currentTime));
        const after = (wanted, act) => new Promise((resolve) => {
          player.addEventListener(wanted, resolve, { once: true });
          act();
        });
        await after('playing', () => { player.play(); });
        const [began, earlier] = [performance.now(), updates.length];
        await stage.wait(2);
        const seconds = (performance.now() - began) / 1000;
        const meanwhile = updates.slice(earlier);
        await after('pause', () => player.pause());
        await after('playing', () => { player.play(); });
        await after('pause', () => player.pause());
        await after('seeked', () => { player.currentTime = player.duration - 1; });
        await after('volumechange', () => { player.volume = 0.25; });
        await after('volumechange', () => { player.muted = true; });
        await after('ended', () => { player.play(); });
        await after('playing', () => { player.play(); });
        await after('pause', () => player.pause());
        return { events, updates: meanwhile, seconds };
      };
      const [{ player }] = stage.decks;
      await player.load(url);
      const element = new Audio(url);
      await new Promise((resolve) => { element.addEventListener('canplaythrough', resolve, { once: true }); });
      const [{ events: ours, updates, seconds }, { events: theirs }] = [await operate(player), await operate(element)];
      return { ours, theirs, updates, seconds };
    }, `${server.origin}/track/lanterns.flac`));
    assert.deepEqual(ours, theirs);
    assert.ok(updates.length >= 4 && updates.length <= 4 * seconds + 1, `${updates}`);
    assert.ok(updates.every((time, index) => index === 0 || time > updates[index - 1]), `${updates}`);
  });

  test(`${mode}: a loop joins its end to its start`, { skip }, async () => {
    const once = await decode(trackPath('excerpt-s24le.wav'));
    const capture = await onStage(fixture, mode, {}, async ({ run, server, captured }) => {
      await run(async (stage, url) => {
        const [deck] = stage.decks;
        await deck.player.load(url);
        deck.player.loop = true;
        await deck.capture.start();
        await deck.player.play();
        await stage.wait(4);
        deck.player.loop = false;
        await deck.event('ended', 10);
        await stage.wait(0.1);
      }, `${server.origin}/track/excerpt-s24le.wav`);
      return captured();
    });
    const offset = locate(capture, once, 1000);
    const rounds = [...Array(12).keys()].find((count) => {
      const end = offset + count * frameCount(once);
      return end < frameCount(capture) && capture.left.subarray(end, end + 2000).every((sample) => sample === 0);
    });
    assert.ok(rounds >= 3, `${rounds} rounds in 4 s and more`);
    const reference = joined(...Array(rounds).fill(once));
    assertSame(capture, reference, offset, FADE_FRAMES, frameCount(reference), 'the loop');
    assertSilent(capture, offset + frameCount(reference), frameCount(capture));
  });

  // Pairs in which the joint is preceded and followed by every format with its own way of trimming.
  const queues = [
    ['loud.flac', 'loud.mp3', 'loud.ogg'],
    ['loud-aac.m4a', 'loud-alac.m4a'],
    ['loud.ogg', 'loud-aac.m4a', 'loud.mp3'],
    ...(full ? [['loud.mp3', 'loud.flac'], ['loud.ogg', 'loud-alac.m4a']] : []),
  ];
  for (const names of queues) {
    test(`${mode}: ${names.join(', ')} follow each other without a gap`, { skip }, async () => {
      const { facts, capture } = await onStage(fixture, mode, {}, async ({ run, server, captured }) => ({
        facts: await run(async (stage, urls) => {
          const [deck] = stage.decks;
          const [first, ...others] = urls;
          await deck.player.load(first);
          for (const url of others) await deck.player.enqueue(url);
          await deck.capture.start();
          await deck.player.play();
          await deck.event('ended', 30);
          await stage.wait(0.1);
          return { events: deck.events.map(({ type }) => type), starved: deck.player.telemetry.starvedFrames, queue: deck.player.queue.map((track) => track.gapless) };
        }, names.map((name) => `${server.origin}/material/${name}`)),
        capture: await captured(),
      }));
      const references = await Promise.all(names.map(async (name) => part(await decode(materialPath(name)), 0, loudFrames)));
      const reference = joined(...references);
      assert.equal(frameCount(reference), names.length * loudFrames);
      const lossless = names.every((name) => /flac|alac/.test(name));
      const offset = lossless ? locate(capture, reference, 1000) : align(capture, reference, 1000, { before: 60_000 });
      assertNear(capture, reference, offset, FADE_FRAMES, frameCount(reference), -90, 'the succession');
      assertSilent(capture, offset + frameCount(reference), frameCount(capture));
      assert.equal(facts.starved, 0);
      assert.ok(facts.queue.every(Boolean), 'every track is gapless');
      assert.equal(facts.events.filter((type) => type === 'trackchange').length >= names.length - 1, true);
      assert.equal(facts.events.filter((type) => type === 'ended').length, 1);
    });
  }

  test(`${mode}: a remote VBR file is sought at once, and exactly when its index is there`, { skip }, async () => {
    const reference = await decode(trackPath('lanterns-untagged.mp3'));
    const { early, late, progress, capture } = await onStage(fixture, mode, {}, async ({ run, server, captured }) => ({
      ...await run(async (stage, url) => {
        const [deck] = stage.decks;
        const { player } = deck;
        await player.load(url);
        await player.play();
        const early = await player.seekToFrame(900_000);
        const progress = [];
        while (player.track.seek === 'indexing') {
          progress.push(player.track.indexProgress);
          await stage.wait(0.1);
        }
        await deck.capture.start();
        const late = await player.seekToFrame(800_003);
        await stage.wait(0.6);
        return { early, late, progress };
      }, `${server.origin}/track/lanterns-untagged.mp3?rate=400000`),
      capture: await captured(),
    }));
    assert.ok(Math.abs(early.frame - 900_000) < 10 * 44_100, `the first seek landed at ${early.frame}`);
    assert.ok(progress.every((value, index) => value >= 0 && value <= 1 && value >= (progress[index - 1] ?? 0)), `progress ${progress}`);
    assert.deepEqual(late, { frame: 800_003, exact: true });
    const offset = align(capture, reference, 805_000);
    assertNear(capture, reference, offset, 800_003 + FADE_FRAMES, 815_000, -90);
  });
}
