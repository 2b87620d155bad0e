// What can become of an audio context under a player: it is interrupted, stands still, changes its device, is closed, is not alone.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { launch, missing } from '../drivers/index.mjs';
import { startPulseAudio } from '../drivers/pulseaudio.mjs';
import { startServer } from '../server/index.mjs';
import { FADE_FRAMES, assertSame, locate } from '../sound/compare.mjs';
import { decode, trackPath } from '../sound/reference.mjs';
import { modes, onStage, setUp } from './stage.mjs';

const skip = missing('chromium');
const fixture = setUp('chromium', { skip });

/** A frame of the track from which on it is never silent. */
const loud = 450_000;

/** Plays from `loud` on, has `act` (stage, deck) run in the page while it is recorded, and returns what that gives and what was heard. */
const playing = (own, mode, act, options = {}) => onStage(own, mode, options, async ({ run, server, captured }) => ({
  facts: await run(`async (stage, url, start) => {
    const [deck] = stage.decks;
    await deck.player.load(url);
    await deck.player.seekToFrame(start);
    await deck.capture.start();
    await deck.player.play();
    await stage.wait(0.5);
    const facts = await (${act})(stage, deck);
    return { ...facts, errors: deck.errors, starved: deck.player.telemetry.starvedFrames };
  }`, `${server.origin}/track/lanterns.flac`, loud),
  capture: await captured(),
}));

/** The recording is the track without a hole for so many seconds. */
async function assertUnbroken({ facts, capture }, seconds) {
  const reference = await decode(trackPath('lanterns.flac'));
  const from = loud + FADE_FRAMES;
  assertSame(capture, reference, locate(capture, reference, from), from, from + Math.round(seconds * 44_100));
  assert.equal(facts.starved, 0);
}

for (const mode of Object.keys(modes)) {
  for (const [end, willBe] of [['suspended', 'stays suspended'], ['running', 'runs again by itself']]) {
    test(`${mode}: an interruption after which the context ${willBe} is waited for, and the sound goes on`, { skip }, async () => {
      const result = await playing(fixture, mode, `async ({ context, wait }, { player }) => {
        const state = Object.getOwnPropertyDescriptor(BaseAudioContext.prototype, 'state').get;
        const resume = context.resume.bind(context);
        const resumed = [];
        context.resume = () => {
          resumed.push(context.state);
          return resume();
        };
        const become = (given) => {
          if (given) Object.defineProperty(context, 'state', { configurable: true, get: () => given });
          else delete context.state;
          context.dispatchEvent(new Event('statechange'));
        };
        become('interrupted');
        await context.suspend();
        let settled = false;
        const again = player.play().then(() => { settled = true; });
        await wait(1);
        const during = { settled, resumed: [...resumed], paused: player.paused };
        if ('${end}' === 'running') await resume();
        become(null);
        await again;
        const after = context.state;
        await wait(1);
        return { during, after, resumed };
      }`);
      assert.deepEqual(result.facts.during, { settled: false, resumed: [], paused: false });
      assert.equal(result.facts.after, 'running');
      assert.equal(result.facts.resumed.includes('interrupted'), false);
      assert.deepEqual(result.facts.errors, []);
      await assertUnbroken(result, 1.3);
    });
  }

  test(`${mode}: a player that nobody touches goes on after an interruption`, { skip }, async () => {
    const result = await playing(fixture, mode, `async ({ context, wait }) => {
      Object.defineProperty(context, 'state', { configurable: true, get: () => 'interrupted' });
      context.dispatchEvent(new Event('statechange'));
      await context.suspend();
      delete context.state;
      context.dispatchEvent(new Event('statechange'));
      await wait(1);
      return { state: context.state };
    }`);
    assert.deepEqual({ ...result.facts, starved: 0 }, { state: 'running', errors: [], starved: 0 });
    await assertUnbroken(result, 1.2);
  });

  for (const [cure, heals] of [['helps', true], ['does not help', false]]) {
    test(`${mode}: a running context whose clock stands is suspended and resumed, which ${cure}`, { skip }, async () => {
      const { facts } = await playing(fixture, mode, `async (stage, deck) => {
        const { context, wait } = stage;
        const stands = context.currentTime;
        const suspend = context.suspend.bind(context);
        let suspensions = 0;
        Object.defineProperty(context, 'currentTime', { configurable: true, get: () => stands });
        context.suspend = () => {
          suspensions += 1;
          if (${heals}) delete context.currentTime;
          return suspend();
        };
        await wait(1.5);
        const early = suspensions;
        await wait(4.5);
        return { early, suspensions, state: context.state, paused: deck.player.paused };
      }`);
      const errors = facts.errors.map(({ code }) => code);
      assert.deepEqual({ ...facts, errors, starved: 0 }, {
        early: 0, suspensions: 1, state: 'running', paused: !heals, errors: heals ? [] : ['audio-not-running'], starved: 0,
      });
    });
  }

  test(`${mode}: a closed context is refused with its code, whatever is asked of it`, { skip }, async () => {
    const facts = await onStage(fixture, mode, { workers: 1 }, ({ run, server }) => run(async ({ Engine, context, engine, failure, decks: [{ player }] }, url) => {
      await player.load(url);
      await player.play();
      await context.close();
      const codes = [];
      for (const asked of [player.play(), engine.createPlayer(), engine.createNode({ effects: ['gain'] }), Engine.create(context)]) {
        codes.push((await failure(asked))?.code);
      }
      player.pause();
      player.dispose();
      await engine.dispose();
      return { codes };
    }, `${server.origin}/track/excerpt-s16le.wav`));
    assert.deepEqual(facts.codes, Array(4).fill('context-closed'));
  });

  test(`${mode}: disposed of twice, and used afterwards`, { skip }, async () => {
    const facts = await onStage(fixture, mode, { workers: 1 }, ({ run, server }) => run(async (stage, url) => {
      const { engine, failure } = stage;
      const [{ player }] = stage.decks;
      const node = await engine.createNode({ effects: ['gain'] });
      await player.load(url);
      await player.play();
      for (let time = 0; time < 2; time += 1) {
        player.dispose();
        node.dispose();
        await engine.dispose();
      }
      const codes = {};
      for (const [name, ask] of Object.entries({
        load: () => player.load(url), enqueue: () => player.enqueue(url), seek: () => player.seekToFrame(0), play: () => player.play(),
        createPlayer: () => engine.createPlayer(), createNode: () => engine.createNode({ effects: ['gain'] }), computeFft: () => engine.computeFft(new Float32Array(64)),
        submit: () => engine.submit({ kind: 'test', seed: 1 }), resize: () => engine.resize(2),
      })) {
        // A call that throws at once is as good as one that is rejected.
        codes[name] = (await failure((async () => ask())()))?.code ?? null;
      }
      // What only looks, looks.
      return { codes, looked: [player.paused, player.ended, engine.mode, engine.report().version, player.telemetry.starvedFrames].every((value) => value !== undefined) };
    }, `${server.origin}/track/excerpt-s16le.wav`));
    assert.equal(facts.looked, true);
    // There is no track any more that could be sought in.
    for (const [name, code] of Object.entries(facts.codes)) assert.equal(code, name === 'seek' ? 'invalid-argument' : 'disposed', name);
  });

  test(`${mode}: two engines in two contexts know nothing of each other`, { skip }, async () => {
    const result = await playing(fixture, mode, `async ({ Engine, wait }, { player }) => {
      const context = new AudioContext({ sampleRate: 48_000 });
      const other = await Engine.create(context, { workers: 1 });
      const second = await other.createPlayer();
      second.connect(context.destination);
      await second.load('/track/excerpt-s24le.wav');
      second.loop = true;
      await second.play();
      await wait(0.5);
      const recovered = new Promise((resolve) => { second.addEventListener('recovered', resolve, { once: true }); });
      second.port.postMessage({ type: 'fault', kind: 1 });
      await recovered;
      await wait(0.3);
      const heard = second.telemetry.peakLeft > 0;
      second.dispose();
      await other.dispose();
      await context.close();
      await wait(0.5);
      return { heard, state: player.telemetry.state };
    }`);
    assert.deepEqual(result.facts, { heard: true, state: 'playing', errors: [], starved: 0 });
    await assertUnbroken(result, 1.5);
  });

  test(`${mode}: two engines in one context know nothing of each other`, { skip }, async () => {
    const result = await playing(fixture, mode, `async ({ Engine, context, wait }, { player }) => {
      const other = await Engine.create(context, { workers: 1 });
      const node = await other.createNode({ effects: ['gain'] });
      const recovered = new Promise((resolve) => { node.addEventListener('recovered', resolve, { once: true }); });
      node.connect(context.destination);
      node.port.postMessage({ type: 'fault', kind: 2 });
      await recovered;
      node.dispose();
      await other.dispose();
      await wait(0.5);
      return { faults: other.report().faults.length, state: player.telemetry.state };
    }`);
    assert.deepEqual(result.facts, { faults: 1, state: 'playing', errors: [], starved: 0 });
    await assertUnbroken(result, 1);
  });

  for (const sampleRate of [8_000, 96_000, 192_000]) {
    test(`${mode}: a context of ${sampleRate} Hz`, { skip }, async () => {
      const facts = await onStage(fixture, mode, { sampleRate, workers: 1 }, ({ run, server }) => run(async (stage, url) => {
        const [{ player, errors }] = stage.decks;
        const ended = stage.decks[0].event('ended', 20);
        await player.load(url);
        const node = await stage.engine.createNode({ effects: ['equalizer', 'compressor', 'limiter', 'delay', 'spectral', 'meter'] });
        player.disconnect();
        player.connect(node).connect(stage.context.destination);
        await player.play();
        let peak = 0;
        const meter = setInterval(() => { peak = Math.max(peak, node.telemetry.peakLeft); }, 20);
        await ended;
        clearInterval(meter);
        return { rate: stage.context.sampleRate, seconds: player.duration, heard: peak > 0, starved: player.telemetry.starvedFrames, errors, faults: stage.engine.report().faults };
      }, `${server.origin}/track/excerpt-s16le.wav`));
      const { seconds, ...rest } = facts;
      assert.deepEqual(rest, { rate: sampleRate, heard: true, starved: 0, errors: [], faults: [] });
      const reference = await decode(trackPath('excerpt-s16le.wav'));
      assert.ok(Math.abs(seconds - reference.left.length / 44_100) < 1e-3, `${seconds} s`);
    });
  }

  test(`${mode}: automation out of its range and without a number is clamped, and the sound stays finite`, { skip }, async () => {
    const result = await playing(fixture, mode, `async ({ context, engine, wait }, { player, capture }) => {
      const node = await engine.createNode({ effects: ['equalizer', 'compressor', 'limiter', 'delay', 'stereoWidth'] });
      player.disconnect();
      player.connect(node).connect(capture.node);
      const refused = [];
      for (const parameter of node.parameters.values()) {
        for (const value of [1e30, -1e30, NaN, Infinity]) {
          try {
            parameter.setValueAtTime(value, context.currentTime + 0.2 * Math.random());
          } catch {
            refused.push(value);
          }
        }
      }
      await wait(0.7);
      const { notFiniteSamples, processedFrames } = node.telemetry;
      return { refused: refused.every((value) => !Number.isFinite(value)), count: refused.length === 2 * node.parameters.size, notFiniteSamples, processed: processedFrames > 0 };
    }`);
    assert.deepEqual(result.facts, { refused: true, count: true, notFiniteSamples: 0, processed: true, errors: [], starved: 0 });
    for (const plane of [result.capture.left, result.capture.right]) assert.ok(plane.every(Number.isFinite));
  });

  test(`${mode}: a flood of messages is counted and not heard`, { skip }, async () => {
    const result = await playing(fixture, mode, `async ({ wait }, { player }) => {
      const count = 5000;
      for (let sent = 0; sent < count; sent += 1) player.port.postMessage({ type: 'flood', version: sent });
      player.port.postMessage({ type: 'large', bytes: new Uint8Array(16 << 20) });
      await wait(2);
      return { all: player.telemetry.unreadableMessages === count + 1 };
    }`);
    assert.deepEqual(result.facts, { all: true, errors: [], starved: 0 });
    await assertUnbroken(result, 1.5);
  });

  test(`${mode}: an output that is taken away: the rate stays, and no frame is lost`, { skip }, async () => {
    const result = await playing(fixture, mode, `async ({ context, wait }) => {
      const { sampleRate } = context;
      await context.setSinkId({ type: 'none' });
      await wait(1.5);
      return { rate: context.sampleRate === sampleRate, state: context.state };
    }`);
    assert.deepEqual(result.facts, { rate: true, state: 'running', errors: [], starved: 0 });
    await assertUnbroken(result, 1.5);
  });
}

for (const browser of ['chromium', 'firefox']) {
  test(`${browser}: the device goes away while it plays, and another comes`, { skip: missing(browser) }, async (t) => {
    const own = { server: await startServer(), audio: await startPulseAudio({ sampleRate: 44_100 }) };
    try {
      own.browser = await launch(browser, { audio: own.audio });
      const { facts, capture } = await onStage(own, 'shared', {}, async ({ run, captured }) => {
        await run(async (stage, url, start) => {
          const [{ player, capture }] = stage.decks;
          await player.load(url);
          await player.seekToFrame(start);
          await capture.start();
          await player.play();
          await stage.wait(1);
        }, `${own.server.origin}/track/lanterns.flac`, loud);
        own.audio.unplug();
        const without = await run(async ({ context, wait, decks: [{ player }] }) => {
          await wait(6);
          return { state: context.state, paused: player.paused };
        });
        own.audio.plug(48_000);
        const facts = await run(async ({ context, failure, wait, decks: [deck] }) => {
          const { player } = deck;
          const from = player.currentFrame;
          // A person presses play until something is heard.
          for (let press = 0; press < 20 && player.currentFrame < from + 22_050; press += 1) {
            await failure(player.play());
            await wait(0.5);
          }
          return { heard: player.currentFrame >= from + 22_050, rate: context.sampleRate, starved: player.telemetry.starvedFrames, codes: deck.errors.map(({ code }) => code) };
        });
        return { facts: { ...facts, without }, capture: await captured() };
      });
      t.diagnostic(`without a device: ${JSON.stringify(facts.without)}, errors: ${facts.codes}`);
      assert.deepEqual({ heard: facts.heard, rate: facts.rate, starved: facts.starved }, { heard: true, rate: 44_100, starved: 0 });
      assert.ok(facts.codes.every((code) => code === 'audio-not-running'), `${facts.codes}`);
      const reference = await decode(trackPath('lanterns.flac'));
      const from = loud + FADE_FRAMES;
      assertSame(capture, reference, locate(capture, reference, from), from, from + 22_050);
    } finally {
      await own.browser?.close();
      await own.audio.close();
      await own.server.close();
    }
  });
}
