// Nodes of effects in the Web Audio graph, in each browser, shared and solo.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { missing } from '../drivers/index.mjs';
import { prefix } from '../server/faults.mjs';
import { modes, setUpPage } from './stage.mjs';

const CONTROL_FRAMES = 32;

/** What a worker that replaces another takes of the engine's memory where none before it has ended: a stack, and itself. */
const REPLACEMENT_BYTES = 65_536 + 64;

const engines = [
  { browser: 'chromium', mode: 'shared' },
  { browser: 'chromium', mode: 'solo' },
  { browser: 'firefox', mode: 'shared' },
  { browser: 'webkit', mode: 'solo', options: { shared: true } },
];

for (const { browser, mode, options = {} } of engines) {
  describe(`${browser}, ${mode}`, { skip: missing(browser) }, () => {
    const { ask } = setUpPage(browser, 'nodes', { options, faults: modes[mode] });

    test('the engine runs in the mode that is meant', async () => assert.equal(await ask('mode'), mode));

    test('an AudioParam is automated, from control point to control point', async () => {
      const { left } = await ask('automated');
      const [input] = await ask('input', 2);
      left.forEach((sample, frame) => {
        // Each control point is reached when the next one is due.
        const gain = Math.max(0, frame - CONTROL_FRAMES) / left.length;
        assert.ok(Math.abs(sample - input[frame] * gain) < 0.5 * (CONTROL_FRAMES / left.length) + 1e-6, `frame ${frame}: ${sample}`);
      });
    });

    test('one channel comes out of both', async () => {
      const { left, right } = await ask('mono');
      const [input] = await ask('input', 1);
      assert.deepEqual(left, input);
      assert.deepEqual(right, input);
    });

    test('with nothing connected there is silence, and time goes on', async () => {
      const { left, seen } = await ask('unconnected');
      assert.ok(left.every((sample) => sample === 0));
      assert.ok(seen > 0, `${seen} frames`);
    });

    test('bypassed, the input comes out bit by bit, as late as the node says', async () => {
      const { left, right, seen } = await ask('bypassed');
      const [inputLeft, inputRight] = await ask('input', 2);
      const late = seen.latencyFrames;
      assert.ok(late > 0 && seen.latency === late / 48_000 && seen.tailTime > 0, JSON.stringify(seen));
      assert.deepEqual(left.slice(late), inputLeft.slice(0, -late));
      assert.deepEqual(right.slice(late), inputRight.slice(0, -late));
      assert.ok(left.slice(0, late).every((sample) => sample === 0));
    });

    test('effects tell what they measure', async () => {
      const { seen: { readings, telemetry } } = await ask('measured');
      assert.ok(readings['compressor.gainReduction'] < -10, JSON.stringify(readings));
      assert.ok(readings['meter.truePeak'] < 0 && readings['meter.truePeak'] > -60);
      assert.ok(telemetry.peakLeft > 0 && telemetry.notFiniteSamples === 0, JSON.stringify(telemetry));
    });

    test('samples above 0 dBFS that leave a node are counted, each once', async () => {
      const { seen, expected } = await ask('loud');
      assert.ok(expected > 5000, `${expected} samples are too loud`);
      assert.deepEqual(seen, { node: expected, monitor: expected });
    });

    test('a preset makes the same node again', async () => {
      const { same, preset } = await ask('again');
      assert.ok(same);
      assert.deepEqual(preset.effects, [{ effect: 'equalizer', name: 'equalizer', bands: 3 }, { effect: 'delay', name: 'echo', maximumDelay: 2 }]);
      assert.equal(preset.parameters['equalizer.band2.gain'], 9);
    });

    test('a constant sounds as its AudioParam would, and has none', async () => {
      const { same, names, preset } = await ask('constant');
      assert.ok(same);
      assert.equal(names.length, 3 * 4 + 1 - 2);
      assert.ok(!names.includes('equalizer.band1.gain') && names.includes('equalizer.band2.gain'), names.join());
      assert.deepEqual(preset.constants, { 'equalizer.band1.gain': 9, 'equalizer.band3.frequency': 3000 });
    });

    test('nodes can be made at the same time', async () => {
      assert.deepEqual(await ask('together'), [
        ['gain.bypass', 'gain.gain'], ['stereoWidth.balance', 'stereoWidth.bypass', 'stereoWidth.width'], ['limiter.bypass', 'limiter.ceiling', 'limiter.release'],
      ]);
    });

    test('engines and a monitor can begin at the same time in a context that runs', async () => {
      const modules = { pending: 0, most: 1 };
      assert.deepEqual(await ask('begunTogether'), { state: 'running', modules, givenUp: 'aborted', nodes: [2, 2], hears: true });
    });

    test('what the engine tells of its effects is what its nodes have', async () => {
      const { nodes, effects, types } = await ask('described');
      assert.ok(nodes.length >= 10);
      for (const { name, own, told } of nodes) assert.deepEqual(told, own, name);
      const find = (effect, list, name) => effects.find((known) => known.name === effect)[list].find((item) => item.name === name);
      assert.deepEqual(find('delay', 'parameters', 'highCut'), { name: 'highCut', unit: 'Hz', default: 20_000, minimum: 200, maximum: 20_000 });
      assert.deepEqual(find('equalizer', 'settings', 'bands'), { name: 'bands', unit: '', default: 10, minimum: 1, maximum: 16 });
      assert.deepEqual(find('meter', 'readings', 'integratedLoudness'), { name: 'integratedLoudness', unit: 'LUFS' });
      assert.equal(types.length, find('equalizer', 'parameters', 'band1.type').maximum + 1);
    });

    test('an equalizer tells the curve that is heard', async () => {
      const { heard, told, refused } = await ask('drawn');
      const decibels = (factor) => 20 * Math.log10(factor);
      heard.forEach((factor, index) => {
        if (told[index] > 1e-3) assert.ok(Math.abs(decibels(factor) - decibels(told[index])) < 0.05, `${index}: ${decibels(factor)} dB, ${decibels(told[index])} dB told`);
        else assert.ok(factor < 2e-3);
      });
      assert.ok(Math.max(...told) > 0.02, 'something passes');
      assert.match(refused[0], /no equalizer called "equalizer"/);
      assert.match(refused[1], /24 frequencies and room for 3/);
    });

    test('what is wrong is refused with a code and what there is', async () => {
      const { memory, player, numbered, ...refusals } = await ask('refusals');
      const texts = {
        effect: /no effect called "reverb"; there are gain, .*meter/, setting: /no setting called "band"; it has bands/, range: /bands of equalizer must be 1 to 16/,
        twice: /Two effects are called "a"/, parameter: /no AudioParam called "gain.gian"; it has gain.gain/, value: /gain.gain must be 0 to 8, not 99/,
        constant: /no parameter called "gain.gian"; it has gain.gain, gain.bypass/, constantValue: /gain.gain must be 0 to 8/,
        constantAndParameter: /no AudioParam called "gain.gain"; it has gain.bypass/,
        many: /17 effects; 16 are the most/, rate: /44100 Hz, the context at 48000 Hz/, channels: /3 channels; at most 1048576 of one, two or four/, convolver: /no convolver called "room"/,
      };
      for (const [name, text] of Object.entries(texts)) {
        assert.equal(refusals[name]?.code, 'invalid-argument', name);
        assert.match(refusals[name].message, text);
      }
      assert.equal(memory?.code, 'memory-full');
      assert.match(memory.message, /needs \d{8} bytes .* of which \d{7} are left/);
      assert.equal(player?.code, 'memory-full');
      assert.match(player.message, /need(s)? \d{8} bytes/);
      for (const { advice } of [memory, player]) assert.match(advice, /memoryMebibytes/);
      assert.deepEqual(numbered, ['gain', 'gain2']);
    });

    test('a response is exchanged without a step, and its memory comes back', async () => {
      const { step, used, heard, restarts } = await ask('exchanged');
      // The sound goes from one level to the other; the response itself would step by 0.2 / 500.
      assert.ok(step < 0.004, `a step of ${step}`);
      assert.ok(heard.most > 0.5 && heard.least < -0.5, JSON.stringify(heard));
      // A worker that was taken for dead on a busy machine keeps its stack until its thread has ended.
      if (mode === 'shared') assert.ok(used.at(-1) <= Math.max(...used.slice(0, 3)) + restarts * REPLACEMENT_BYTES, `${used}, ${restarts} workers replaced`);
    });

    test('nodes and players come and go, and their memory comes back', async () => {
      const { series, heard, restarts } = await ask('comeAndGo', 8);
      assert.equal(heard, 8);
      // The first round leaves the stack of a thread, which the next ones use; so does a worker that was taken for dead on a busy machine.
      // What has two lines to itself may lie one line further, by where each of four nodes lies.
      const most = series[0] + 4 * 64 + restarts * REPLACEMENT_BYTES;
      assert.ok(series.every((bytes) => bytes <= most), `${series}, ${restarts} workers replaced`);
    });

    test('a trap on the audio thread is survived, and AudioParams stay; nodes can be made as before', async () => {
      const { before: level, after: again, goesOn, details, names } = await ask('trapped');
      assert.ok(names.includes('delay.feedback'), `${names}`);
      assert.equal(details?.length, 2, 'both nodes recover');
      assert.equal(details[0].code, 'audio-thread-fault');
      assert.ok(goesOn);
      assert.ok(Math.abs(level - 0.25) < 1e-6 && Math.abs(again - 0.25) < 1e-6, `${level} ${again}`);
    });

    for (const [what, faults] of Object.entries({ copies: { copy: 'second' }, versions: { edition: '' } })) test(`two ${what} of the package share a page and a context`, async () => {
      const other = prefix({ ...modes[mode], ...faults });
      const { areTwo, modes: both, left } = await ask('copied', other);
      assert.deepEqual([areTwo, both], [true, [mode, mode]]);
      const [input] = await ask('input', 2);
      left.forEach((sample, frame) => assert.ok(Math.abs(sample - input[frame] / 4) < 1e-6, `frame ${frame}: ${sample}`));
      assert.deepEqual(await ask('copiedScripts', other), Array(2).fill({ hears: true, whyNot: null, refusal: 'microphone-unavailable' }));
    });
  });
}
