// One engine, one answer: whoever renders a scene gets the bits of the native engine.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CONTROL_FRAMES, Engine, QUANTUM_FRAMES } from '../../../scripts/proof/engine.mjs';
import { fromPlanes } from '../sound/sound.mjs';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const folder = `${root}target/scenes`;
execFileSync('cargo', ['run', '--quiet', '-p', 'rusty-audio-tests', '--bin', 'scenes', '--', folder], { cwd: root, stdio: 'inherit' });
const scenes = JSON.parse(readFileSync(`${folder}/scenes.json`, 'utf8'));

const planes = (scene, kind) => fromPlanes(readFileSync(`${folder}/${scene.name}.${kind}.f32`));

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
  if (scene.response) engine.putResponse(planes(scene, 'response'));
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

const module = new WebAssembly.Module(readFileSync(`${root}target/package/engine.wasm`));
for (const scene of scenes) {
  test(`Node has the native answer: ${scene.name}`, () => assertAnswer(renderInNode(module, scene), scene));
}
