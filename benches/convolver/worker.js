// Our convolver, which nobody helps, and fft-convolver, quantum by quantum on one thread. Posts microseconds per quantum.

import { Engine, QUANTUM_FRAMES } from './engine.mjs';
import { noise, relativeError, response } from './signals.js';

const BATCH = 2048;
const INPUT_QUANTA = 64;
const MOST = 1e-4;

async function openOurs(taps) {
  const module = await WebAssembly.compileStreaming(fetch('package/engine.wasm'));
  const engine = new Engine(module, { effects: ['convolver'], source: false });
  engine.putResponse(taps);
  engine.set('convolver.wet', 1);
  engine.set('convolver.dry', 0);
  return {
    planes: () => [0, 1].map((channel) => engine.plane(channel)),
    process() { engine.quantum(); },
    heard: () => engine.plane(0),
  };
}

async function openTheirs(taps) {
  const { instance: { exports } } = await WebAssembly.instantiateStreaming(fetch('peers.wasm'));
  const place = exports.convolver_open(taps[0].length);
  const [written, before, after] = new Uint32Array(exports.memory.buffer, place, 3);
  taps.forEach((samples, channel) => new Float32Array(exports.memory.buffer, written + 4 * channel * samples.length, samples.length).set(samples));
  exports.convolver_begin(place);
  const view = (address, channel) => new Float32Array(exports.memory.buffer, address + 4 * channel * QUANTUM_FRAMES, QUANTUM_FRAMES);
  return {
    planes: () => [view(before, 0), view(before, 1)],
    process() { exports.convolver_process(place); },
    heard: () => view(after, 0),
  };
}

onmessage = async ({ data: { seconds, rounds } }) => {
  const taps = response(seconds);
  const input = [3, 4].map((seed) => noise(INPUT_QUANTA * QUANTUM_FRAMES, seed));
  const contenders = { ours: await openOurs(taps), theirs: await openTheirs(taps) };
  let quanta = { ours: 0, theirs: 0 };

  function quantum(name) {
    const { planes, process } = contenders[name];
    const first = (quanta[name] % INPUT_QUANTA) * QUANTUM_FRAMES;
    planes().forEach((plane, channel) => plane.set(input[channel].subarray(first, first + QUANTUM_FRAMES)));
    process();
    quanta[name] += 1;
  }

  function batch(name) {
    const start = performance.now();
    for (let count = 0; count < BATCH; count += 1) quantum(name);
    return (performance.now() - start) * 1000 / BATCH;
  }

  // Both compile everything, and the whole response has its input.
  for (let count = 0; count < 2; count += 1) for (const name of Object.keys(contenders)) batch(name);
  const heard = { ours: [], theirs: [] };
  for (let count = 0; count < INPUT_QUANTA; count += 1) {
    for (const name of Object.keys(contenders)) {
      quantum(name);
      heard[name].push(...contenders[name].heard());
    }
  }
  const error = relativeError(heard.ours, heard.theirs);
  if (!(error < MOST)) throw new Error(`Ours and fft-convolver differ: relative error ${error}.`);

  const measured = { ours: [], theirs: [] };
  for (let round = 0; round < rounds; round += 1) {
    const order = Object.keys(measured);
    if (round % 2 === 1) order.reverse();
    for (const name of order) measured[name].push(batch(name));
  }
  postMessage(measured);
};
