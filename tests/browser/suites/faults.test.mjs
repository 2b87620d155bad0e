// What goes wrong: each fault has its code, what was good before it is heard, and the next file plays.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { launch, missing } from '../drivers/index.mjs';
import { prefix } from '../server/faults.mjs';
import { startServer } from '../server/index.mjs';
import { packetFrames, trappingSample } from '../server/trapping.mjs';
import { FADE_FRAMES, align, assertNear, assertSame, locate } from '../sound/compare.mjs';
import { longWave } from '../sound/long.mjs';
import { lyingFrames, makeBroken, materialPath } from '../sound/material.mjs';
import { decode, trackPath } from '../sound/reference.mjs';
import { frameCount, part } from '../sound/sound.mjs';
import { full, modes, onStage, setUp } from './stage.mjs';

const skip = missing('chromium');
const fixture = setUp('chromium', { skip });
before(() => { if (!skip) makeBroken(); });

/**
 * Loads a source and plays it to its end; then the file that must always play. Gives what load() was
 * rejected with, the error events, and the capture of the former; judges the latter.
 */
async function playBroken(stage, source, { seconds = 60 } = {}) {
  const { run, server, captured } = stage;
  const outcome = await run(async (stand, given, limit) => {
    const [deck] = stand.decks;
    const before = deck.errors.length;
    await deck.capture.start();
    const origin = given.blob ? await (await fetch(given.blob)).blob() : given.url;
    const loading = await stand.failure(deck.player.load(origin));
    if (loading) return { loading, errors: deck.errors.slice(before) };
    const over = Promise.race([deck.event('ended', limit), deck.event('error', limit)]);
    await deck.player.play();
    await over;
    // After an error what was decoded before it still sounds.
    for (let tenths = 0; !deck.player.ended && !deck.player.paused; tenths += 1) {
      if (tenths > 10 * limit) throw new Error(`the player neither ended nor paused within ${limit} s after the error`);
      await stand.wait(0.1);
    }
    await stand.wait(0.1);
    return { loading: null, errors: deck.errors.slice(before), starved: deck.player.telemetry.starvedFrames };
  }, source, seconds);
  outcome.capture = await captured();
  await playNext(stage);
  return { ...outcome, code: (outcome.loading ?? outcome.errors[0])?.code, server };
}

/** The next file plays, bit for bit. */
async function playNext({ run, server, captured }, deck = 0) {
  await run(async (stand, url, index) => {
    const next = stand.decks[index];
    await next.capture.start();
    await next.player.load(url);
    await next.player.play();
    await next.event('ended', 20);
  }, `${server.origin}/track/excerpt-s16le.wav?next`, deck);
  const next = await captured(deck);
  const reference = await decode(trackPath('excerpt-s16le.wav'));
  assertSame(next, reference, locate(next, reference, 1000), FADE_FRAMES, frameCount(reference), 'the next file');
}

function assertError(error, codes) {
  assert.ok(error, `no error, where ${codes} was expected`);
  assert.ok(codes.includes(error.code), `the code is ${error.code} (${error.message}), not ${codes}`);
  assert.equal(error.name, 'EngineError');
  assert.match(error.message, /\S.*\.$/s, 'a sentence says what happened');
  assert.match(error.advice, /\S.*\.$/s, 'a sentence says what to do');
}

/** Sources that cannot be opened: [what, path, codes]. */
const unopenable = [
  ['an empty file', '/material/empty.wav', ['empty-file']],
  ['a text file named .mp3', '/material/text.mp3', ['unsupported-format']],
  ['an unsupported codec', '/material/surround-ac3.m4a', ['unsupported-codec']],
  ['a 404', '/track/none.flac', ['http-status']],
  ['a 503', '/track/lanterns.flac?status=503', ['http-status']],
];

for (const mode of Object.keys(modes)) {
  for (const [what, path, codes] of unopenable) {
    test(`${mode}: ${what}`, { skip }, () => onStage(fixture, mode, {}, async (stage) => {
      const { loading } = await playBroken(stage, { url: `${stage.server.origin}${path}` });
      assertError(loading, codes);
    }));
  }

  test(`${mode}: blobs that cannot be opened, an address that is none, a refusal by the other origin`, { skip }, () => onStage(fixture, mode, {}, async (stage) => {
    const { server } = stage;
    for (const [source, codes] of [
      [{ blob: `${server.origin}/material/empty.wav` }, ['empty-file']],
      [{ blob: `${server.origin}/material/text.mp3` }, ['unsupported-format']],
      [{ url: 'http://[not an address' }, ['invalid-url']],
      [{ url: `${server.otherOrigin}/track/lanterns.flac` }, ['network-failed']],
    ]) {
      assertError((await playBroken(stage, source)).loading, codes);
    }
  }));

  test(`${mode}: another origin that allows it is played`, { skip }, () => onStage(fixture, mode, {}, async (stage) => {
    const { errors, loading, capture } = await playBroken(stage, { url: `${stage.server.otherOrigin}/track/excerpt-s16be.aiff?cors=allow` });
    assert.equal(loading, null);
    assert.deepEqual(errors, []);
    const reference = await decode(trackPath('excerpt-s16be.aiff'));
    assertSame(capture, reference, locate(capture, reference, 1000), FADE_FRAMES, frameCount(reference));
  }));

  test(`${mode}: a file whose header claims more than there is plays to its last frame`, { skip }, () => onStage(fixture, mode, {}, async (stage) => {
    const [left, right] = longWave.planes(0, lyingFrames);
    for (const [path, codes] of [['/material/long-claim.wav', ['truncated-file']], ['/material/endless-claim.wav', [undefined, 'truncated-file']], ['/material/short-claim.wav', [undefined]]]) {
      const { capture, code, errors } = await playBroken(stage, { url: stage.server.origin + path });
      assert.ok(codes.includes(code), `${path}: ${code}, expected ${codes}`);
      if (code) assertError(errors[0], codes);
      // A header that claims less is believed: what follows the data may be anything.
      const frames = path.includes('short') ? 44_100 : lyingFrames;
      assertSame(capture, { left, right }, locate(capture, { left, right }, 1000), FADE_FRAMES, frames, path);
    }
  }));

  test(`${mode}: a FLAC cut in the middle plays to its last good frame`, { skip }, () => onStage(fixture, mode, {}, async (stage) => {
    // Sixteen seconds in real time are too many: seek close to the cut.
    const reference = await decode(materialPath('cut.flac'));
    const last = frameCount(reference);
    const { errors, sought } = await stage.run(async (stand, url, frame) => {
      const [deck] = stand.decks;
      await deck.player.load(url);
      const sought = await deck.player.seekToFrame(frame);
      await deck.capture.start();
      const ended = deck.event('ended', 30);
      await deck.player.play();
      await ended;
      await stand.wait(0.1);
      return { errors: deck.errors, sought };
    }, `${stage.server.origin}/material/cut.flac`, last - 60_000);
    const capture = await stage.captured();
    assertError(errors[0], ['truncated-file', 'corrupt-file']);
    assert.deepEqual(sought, { frame: last - 60_000, exact: true });
    const offset = locate(capture, reference, last - 30_000);
    // ffmpeg may conceal part of the frame that was cut: FLAC's block is 4096 frames.
    assertSame(capture, reference, offset, last - 60_000 + FADE_FRAMES, last - 4096);
    await playNext(stage);
  }));

  for (const name of ['noise.flac', 'noise.mp3', 'noise.ogg', 'noise.m4a']) {
    test(`${mode}: ${name}, random bytes after a valid header`, { skip }, () => onStage(fixture, mode, {}, async (stage) => {
      const { loading, errors } = await playBroken(stage, { blob: `${stage.server.origin}/material/${name}` });
      assertError(loading ?? errors[0], ['corrupt-file', 'truncated-file', 'unsupported-format', 'unsupported-codec']);
    }));
  }

  for (const name of ['cut.mp3', 'cut.ogg', 'cut-aac.m4a']) {
    test(`${mode}: ${name} plays what there is`, { skip: skip || (!full && mode === 'solo' && 'only with --full') }, () => onStage(fixture, mode, {}, async (stage) => {
      const { errors, capture } = await playBroken(stage, { url: `${stage.server.origin}/material/${name}` });
      assertError(errors[0], ['truncated-file', 'corrupt-file']);
      const reference = await decode(materialPath(name));
      const offset = align(capture, reference, 60_000, { before: 200_000 });
      assertNear(capture, reference, offset, FADE_FRAMES, frameCount(reference) - 4096, -90, name);
    }));
  }

  test(`${mode}: a server that drops the connection half-way`, { skip }, () => onStage(fixture, mode, {}, async (stage) => {
    const reference = await decode(trackPath('lanterns.flac'));
    const { errors, capture } = await playBroken(stage, { url: `${stage.server.origin}/track/lanterns.flac?dropAfter=500000&ranges=off` });
    assertError(errors[0], ['network-failed']);
    const offset = locate(capture, reference, 60_000);
    assertSame(capture, reference, offset, FADE_FRAMES, 5 * 44_100);
  }));

  test(`${mode}: a server that stalls`, { skip }, () => onStage(fixture, mode, {}, async (stage) => {
    const reference = await decode(trackPath('lanterns.flac'));
    const { errors, capture } = await playBroken(stage, { url: `${stage.server.origin}/track/lanterns.flac?stallAfter=500000` }, { seconds: 90 });
    assertError(errors[0], ['network-stalled']);
    assertSame(capture, reference, locate(capture, reference, 60_000), FADE_FRAMES, 3 * 44_100);
  }));

  test(`${mode}: an abort of a stalled load is immediate`, { skip }, () => onStage(fixture, mode, {}, async (stage) => {
    const { error, seconds } = await stage.run(async (stand, url) => {
      const [deck] = stand.decks;
      const controller = new AbortController();
      const loading = stand.failure(deck.player.load(url, { signal: controller.signal }));
      await stand.wait(0.5);
      const began = performance.now();
      controller.abort();
      return { error: await loading, seconds: (performance.now() - began) / 1000 };
    }, `${stage.server.origin}/track/lanterns.flac?stallAfter=0`);
    assert.ok(error.code === 'aborted' || error.name === 'AbortError', JSON.stringify(error));
    assert.ok(seconds < 2, `${seconds} s`);
    await playNext(stage);
  }));

  test(`${mode}: a file that changes on the server`, { skip }, () => onStage(fixture, mode, {}, async (stage) => {
    const { loading, errors } = await playBroken(stage, { url: `${stage.server.origin}/track/lanterns.flac?etag=changing` });
    assertError(loading ?? errors[0], ['source-changed']);
  }));

  test(`${mode}: a decoder that traps in the middle`, { skip }, () => onStage(fixture, mode, { faults: { trapping: 'codec-pcm.wasm', packets: 60 } }, async (stage) => {
    // The same module would open the next file too: that one is of another family here.
    const { errors, capture } = await stage.run(async (stand, url) => {
      const [deck] = stand.decks;
      await deck.capture.start();
      await deck.player.load(url);
      const ended = deck.event('ended', 20);
      await deck.player.play();
      await ended;
      await stand.wait(0.1);
      return { errors: deck.errors };
    }, `${stage.server.origin}/track/excerpt-s16le.wav`).then(async (facts) => ({ ...facts, capture: await stage.captured() }));
    assertError(errors[0], ['decoder-fault']);
    const plane = Float32Array.from({ length: 60 * packetFrames }, (_, frame) => trappingSample(frame));
    const reference = { left: plane, right: plane };
    const start = capture.left.findIndex((sample) => sample !== 0);
    assertSame(capture, reference, start, 0, frameCount(reference), 'what was decoded before the trap');

    await stage.run(async (stand, url) => {
      const [deck] = stand.decks;
      await deck.capture.start();
      await deck.player.load(url);
      await deck.player.play();
      await stand.wait(2);
      deck.player.pause();
    }, `${stage.server.origin}/track/lanterns-cbr.mp3`);
    const next = await stage.captured();
    const mp3 = await decode(trackPath('lanterns-cbr.mp3'));
    assertNear(next, mp3, align(next, mp3, 30_000, { before: 80_000 }), FADE_FRAMES, 44_100, -90, 'the next file');
  }));

  test(`${mode}: a decode worker that throws gives way to another, which plays the next file, and the player's memory comes back`, { skip }, () => onStage(fixture, mode, {}, async (stage) => {
    const { errors, taken, left, ring } = await stage.run(async (stand, [first, next]) => {
      const RealWorker = Worker;
      window.Worker = class extends RealWorker {
        constructor(address) {
          super(String(address).endsWith('/decode-worker.js') ? new URL('throwing_decoder.js', location.href) : address);
        }
      };
      await stand.addDeck({ bufferSeconds: 1 });
      window.Worker = RealWorker;
      const { player } = stand.decks[1];
      await player.load(first);
      await player.enqueue(next);
      await player.play();
      await stand.wait(1);
      await stand.decks[1].capture.start();
      const ended = stand.decks[1].event('ended', 20);
      new BroadcastChannel('fault').postMessage('now');
      await ended;

      const used = () => stand.engine.memory().usedBytes;
      const taken = used();
      const ring = player.telemetry.capacityFrames * 2 * Float32Array.BYTES_PER_ELEMENT;
      player.dispose();
      for (const end = performance.now() + 30_000; used() === taken && performance.now() < end;) await stand.wait(0.1);
      return { errors: stand.decks[1].errors, taken, left: used(), ring };
    }, ['/track/lanterns.flac', '/track/excerpt-s16le.wav'].map((path) => stage.server.origin + path));
    assert.equal(errors.length, 1, JSON.stringify(errors));
    assertError(errors[0], ['worker-failed', 'decoder-fault']);
    assert.match(errors[0].message, /thrown on purpose/);
    const capture = await stage.captured(1);
    const next = await decode(trackPath('excerpt-s16le.wav'));
    assertSame(capture, next, locate(capture, next, 1000), FADE_FRAMES, frameCount(next), 'the next file');
    assert.ok(ring > 0 && taken - left > ring, `${taken} bytes were taken, ${left} when the player had gone; its ring has ${ring}`);
  }));

  test(`${mode}: a codec that is not on the server`, { skip }, () => onStage(fixture, mode, { faults: { missing: 'codec-ogg.wasm' } }, async (stage) => {
    const { loading } = await playBroken(stage, { url: `${stage.server.origin}/track/lanterns.ogg` });
    assertError(loading, ['asset-not-found']);
  }));

  test(`${mode}: a broken file in a queue gives way to the next`, { skip }, () => onStage(fixture, mode, {}, async (stage) => {
    const errors = await stage.run(async (stand, [first, broken, last]) => {
      const [deck] = stand.decks;
      await deck.player.load(first);
      const refusal = stand.failure(deck.player.enqueue(broken));
      await deck.player.enqueue(last);
      await refusal;
      await deck.capture.start();
      const ended = deck.event('ended', 20);
      await deck.player.play();
      await ended;
      return deck.errors;
    }, ['/track/excerpt-s16le.wav', '/material/text.mp3', '/track/excerpt-s24le.wav'].map((path) => stage.server.origin + path));
    assert.equal(errors.length, 1);
    assertError(errors[0], ['unsupported-format']);
    const capture = await stage.captured();
    const [first, last] = await Promise.all(['excerpt-s16le.wav', 'excerpt-s24le.wav'].map((name) => decode(trackPath(name))));
    const offset = locate(capture, first, 1000);
    assertSame(capture, first, offset, FADE_FRAMES, frameCount(first));
    const next = part(capture, offset + frameCount(first));
    assertSame(next, last, locate(next, last, 1000), FADE_FRAMES, frameCount(last));
  }));
}

/** Loads the page with faults and starts the engine; gives what it was rejected with. */
async function startFailure(faults, prepare = () => {}, parameter = undefined, options = {}) {
  const page = await fixture.browser.open(`${fixture.server.origin}${prefix(faults)}/pages/player.html`);
  try {
    await page.evaluate(prepare, parameter);
    return await page.evaluate((given) => window.stage.failure(window.stage.start(given)), options);
  } finally {
    await page.close();
  }
}

test('a content security policy without wasm-unsafe-eval', { skip }, async () => {
  assertError(await startFailure({ policy: "default-src 'self'; script-src 'self'" }), ['webassembly-blocked']);
});

test('the strictest content security policy that works', { skip }, async () => {
  assert.equal(await startFailure({ policy: "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'" }), null);
});

/** To a browser this is another machine's name, and what comes from there over http is not secure. */
const insecure = setUp('chromium', { skip, options: { flags: ['--host-resolver-rules=MAP insecure.example 127.0.0.1'] } });

test('a page that is no secure context', { skip }, async () => {
  const page = await insecure.browser.open(`${insecure.server.origin.replace('127.0.0.1', 'insecure.example')}/pages/player.html`);
  try {
    const { support, error } = await page.evaluate(async () => {
      const { Engine } = await import('/package/index.js');
      const support = await Engine.support();
      return { support, error: await window.stage.failure(Engine.create(new AudioContext())) };
    });
    assert.equal(support.mode, 'none');
    assert.deepEqual(support.problems.map(({ code }) => code), ['insecure-context']);
    assertError(error, ['insecure-context']);
  } finally {
    await page.close();
  }
});

test('no AudioWorklet', { skip }, async () => {
  assertError(await startFailure({}, () => { delete window.AudioWorkletNode; }), ['no-audio-worklet']);
});

test('no WebAssembly', { skip }, async () => {
  assertError(await startFailure({}, () => { delete window.WebAssembly; }), ['no-webassembly']);
});

for (const file of ['host_bg.wasm', 'engine.wasm', 'processor.js', 'worker.js', 'decode-worker.js', 'decode-worker.wasm']) {
  test(`${file} is not on the server`, { skip }, async () => {
    const error = await startFailure({ missing: file });
    assertError(error, ['asset-not-found']);
    assert.ok(error.message.includes(file), error.message);
  });
}

// With a wrong type wasm-bindgen's glue loads host_bg.wasm all the same.
for (const file of ['engine.wasm', 'processor.js']) {
  test(`${file} is served as text/plain`, { skip }, async () => {
    const error = await startFailure({ wrongType: file });
    assertError(error, ['asset-wrong-type']);
    assert.ok(error.message.includes(file) && error.message.includes('text/plain'), error.message);
  });
}

for (const mode of Object.keys(modes)) {
  test(`${mode}: a player that does not fit into the memory`, { skip }, () => onStage(fixture, mode, { memoryMebibytes: 11 }, async ({ run, server }) => {
    const { error, heard } = await run(async (stage, url) => {
      const failed = await stage.failure(stage.engine.createPlayer());
      const [{ player }] = stage.decks;
      await player.load(url);
      await player.play();
      await stage.wait(0.5);
      return { error: failed, heard: player.telemetry.peakLeft };
    }, `${server.origin}/track/excerpt-s16le.wav`);
    assertError(error, ['memory-full']);
    assert.match(error.advice, /memoryMebibytes/);
    assert.ok(heard > 0, 'the player that did fit plays');
  }));
}

test('a file that never arrives is named when the time is up', { skip }, async () => {
  const error = await startFailure({}, () => {
    const { fetch } = window;
    window.fetch = (address, ...rest) => (String(address.url ?? address).endsWith('engine.wasm') ? new Promise(() => {}) : fetch(address, ...rest));
  }, undefined, { timeoutSeconds: 2 });
  assertError(error, ['start-timeout']);
  assert.match(error.message, /engine module/);
});

const firefox = missing('firefox');

test('no audio device: Firefox never starts the context, and play() says so', { skip: firefox }, async () => {
  const server = await startServer();
  const browser = await launch('firefox', { audio: { environment: { PULSE_SERVER: 'unix:/nonexistent' } } });
  try {
    await onStage({ server, browser }, 'shared', {}, async ({ run }) => {
      const error = await run(async (stage, url) => {
        const [{ player }] = stage.decks;
        await player.load(url);
        return stage.failure(player.play());
      }, `${server.origin}/track/excerpt-s16le.wav`);
      assertError(error, ['audio-not-running']);
    });
  } finally {
    await browser.close();
    await server.close();
  }
});
