// One engine, one answer: whoever renders a scene gets the bits of the native engine.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CONTROL_FRAMES, Engine, NOW, QUANTUM_FRAMES } from '../../../scripts/proof/engine.mjs';
import { floats, fromPlanes, joined, part } from '../sound/sound.mjs';
import { launch, missing } from '../drivers/index.mjs';
import { startPulseAudio } from '../drivers/pulseaudio.mjs';
import { prefix } from '../server/faults.mjs';
import { startServer } from '../server/index.mjs';
import { full, modes, setUp } from './stage.mjs';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const folder = `${root}target/scenes`;
execFileSync('cargo', ['run', '--quiet', '-p', 'rusty-audio-tests', '--bin', 'scenes', '--', folder], { cwd: root, stdio: 'inherit' });
const scenes = JSON.parse(readFileSync(`${folder}/scenes.json`, 'utf8'));

const planes = (scene, kind) => fromPlanes(readFileSync(`${folder}/${scene.name}.${kind}.f32`));

/** The channels of a scene's impulse response. */
function response(scene) {
  const [channels, frames] = scene.response;
  const samples = floats(readFileSync(`${folder}/${scene.name}.response.f32`));
  return Array.from({ length: channels }, (_, channel) => samples.subarray(channel * frames, (channel + 1) * frames));
}

/** Fails at the first frame at which a sound has other bits than the native engine's. */
function assertAnswer(heard, scene) {
  const expected = planes(scene, 'expected');
  for (const channel of ['left', 'right']) {
    assert.equal(heard[channel].length, expected[channel].length);
    const [ours, theirs] = [heard, expected].map((sound) => new Uint32Array(sound[channel].buffer, sound[channel].byteOffset, sound[channel].length));
    const frame = ours.findIndex((bits, place) => bits !== theirs[place]);
    assert.equal(frame, -1, `${scene.name} differs on the ${channel} from frame ${frame} on: ${heard[channel][frame]} instead of ${expected[channel][frame]}`);
  }
}

function renderInNode(module, scene) {
  const engine = new Engine(module, { effects: scene.effects, source: false });
  if (scene.response) engine.putResponse(response(scene));
  const input = planes(scene, 'input');
  const heard = { left: new Float32Array(scene.frames), right: new Float32Array(scene.frames) };
  const events = scene.events.slice();
  const values = engine.values.slice(0, engine.width);
  for (let frame = 0; frame < scene.frames; frame += QUANTUM_FRAMES) {
    for (let point = 0; point < QUANTUM_FRAMES / CONTROL_FRAMES; point += 1) {
      while (events.length > 0 && events[0].frame <= frame + point * CONTROL_FRAMES) {
        const { parameter, value } = events.shift();
        values[engine.column(parameter)] = value;
      }
      engine.values.set(values, point * engine.width);
    }
    ['left', 'right'].forEach((channel, index) => engine.plane(index).set(input[channel].subarray(frame, frame + QUANTUM_FRAMES)));
    engine.quantum();
    ['left', 'right'].forEach((channel, index) => heard[channel].set(engine.plane(index), frame));
  }
  return heard;
}

test('a sound with one other bit is no answer', () => {
  const [scene] = scenes;
  const heard = planes(scene, 'expected');
  assertAnswer(heard, scene);
  new Uint32Array(heard.right.buffer, heard.right.byteOffset)[1000] ^= 1;
  assert.throws(() => assertAnswer(heard, scene), /differs on the right from frame 1000 on/);
});

/** Both builds of the engine module: with SIMD, and for browsers that have none. */
const builds = ['engine.wasm', 'engine-scalar.wasm'];
const bytesOf = (build) => readFileSync(`${root}target/package/${build}`);

for (const build of builds) {
  const module = new WebAssembly.Module(bytesOf(build));
  for (const scene of scenes) {
    test(`Node has the native answer with ${build}: ${scene.name}`, () => assertAnswer(renderInNode(module, scene), scene));
  }
  test(`Node has the native answer with ${build}: holes in the stream of a player`, () => assertHoles(module));
}

function assertHoles(module) {
  const { steps } = JSON.parse(readFileSync(`${folder}/holes.json`, 'utf8'));
  const holes = { name: 'holes' };
  const stream = planes(holes, 'input');
  const engine = new Engine(module, { effects: [] });
  engine.begin(1, NOW);
  engine.play();
  const heard = [];
  let next = 0;
  for (const { fed, frames } of steps) {
    engine.write([stream.left, stream.right].map((plane) => plane.subarray(next, next + fed)));
    next += fed;
    engine.quantum(frames);
    heard.push({ left: engine.plane(0, frames).slice(), right: engine.plane(1, frames).slice() });
  }
  assertAnswer(joined(...heard), holes);
}

const chromium = setUp('chromium');
/** The engine's memory: all scenes at once, with a convolver of ten seconds among them. */
const MEMORY_MEBIBYTES = 192;

async function onPage(mode, act, { server, browser } = chromium) {
  const page = await browser.open(`${server.origin}${prefix(modes[mode])}/pages/answer.html`);
  try {
    return await act(page, server);
  } catch (error) {
    if (page.console.length > 0) error.message += `\nThe page's console:\n${page.console.slice(-20).join('\n')}`;
    throw error;
  } finally {
    await page.close();
  }
}

let letters = 0;

/** Has the page render and compares what it posts, scene by scene. `render` is the name of a function of pages/answer.js. */
const assertRendered = (mode, render, options, ...more) => onPage(mode, (page, server) => assertRenderedOn(page, server, render, options, ...more));

async function assertRenderedOn(page, server, render, options, ...more) {
  const stem = `answer-${letters += 1}-`;
  const arrivals = scenes.map(({ name }) => server.letter(`${stem}${name}`));
  const plain = scenes.map(({ name, effects, response, events, frames }) => ({ name, effects, response, events, frames }));
  const report = await page.evaluate(`async (call, ...given) => {
    while (!window.answer) await new Promise((resolve) => { setTimeout(resolve, 20); });
    return window.answer[call](...given);
  }`, render, plain, { memoryMebibytes: MEMORY_MEBIBYTES, ...options }, stem, ...more);
  for (const [index, scene] of scenes.entries()) {
    const heard = fromPlanes(await arrivals[index]);
    assertAnswer(part(heard, 0, scene.frames), scene);
  }
  return report;
}

for (const mode of ['shared', 'solo']) {
  test(`an OfflineAudioContext has the native answer, ${mode}`, () => assertRendered(mode, 'offline', {}));
}

/** A live render has the answer whenever nothing was late, and nothing is. Returns where the jobs ran. */
async function assertLive(mode, options, killSeconds) {
  const report = await assertRendered(mode, 'live', options, killSeconds);
  assert.equal(report.mode, mode);
  assert.equal(report.audioJobs?.refused ?? 0, 0, 'jobs that were not computed');
  return report.audioJobs;
}

test('live and solo, the answer is the native one', () => assertLive('solo', {}));

for (const workers of [1, 2, 8]) {
  test(`live with ${workers} workers, the answer is the native one`, () => assertLive('shared', { workers }));
  test(`live with ${workers} workers that are killed, the answer is the native one`, async () => {
    for (let round = 0; round < (full ? 10 : 1); round += 1) await assertLive('shared', { workers }, 0.5);
  });
}

/** A page whose browser `says` that it has no SIMD loads the build without, and has the native answer. */
async function assertScalar(own, mode, says, render = 'offline', options = {}) {
  await onPage(mode, async (page, server) => {
    await page.evaluate(says);
    await assertRenderedOn(page, server, render, options);
    const loaded = await page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name.split('/').pop()));
    assert.deepEqual(loaded.filter((name) => builds.includes(name)).filter((name, place, all) => all.indexOf(name) === place), ['engine-scalar.wasm']);
  }, own);
}

/** No browser's SIMD can be switched off any more, so the page is told that there is none. */
const sayNone = () => {
  WebAssembly.validate = () => false;
};

for (const mode of ['shared', 'solo']) {
  test(`without SIMD an OfflineAudioContext has the native answer, ${mode}`, () => assertScalar(chromium, mode, sayNone));
}

test('without SIMD and live with 2 workers, the answer is the native one', () => assertScalar(chromium, 'shared', sayNone, 'live', { workers: 2 }));

describe('Firefox', { skip: missing('firefox') }, () => {
  const own = {};
  before(async () => {
    own.server = await startServer();
    own.audio = await startPulseAudio();
    own.browser = await launch('firefox', { audio: own.audio });
  });
  after(async () => {
    await own.browser?.close();
    await own.audio?.close();
    await own.server?.close();
  });

  test('without SIMD an OfflineAudioContext has the native answer', () => assertScalar(own, 'shared', sayNone));
});
