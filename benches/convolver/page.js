// Our convolver and the browser's in whole graphs: offline, as fast as they go, and live.

import { Engine } from './package/index.js';
import { warm } from './warm.js';
import { SAMPLE_RATE, noise, relativeError, response } from './signals.js';

const MEMORY_MEBIBYTES = 192;
const SECONDS = 20;
const QUANTA = (SAMPLE_RATE * SECONDS) / 128;
// What no convolver in single precision misses.
const MOST = 1e-4;

function buffer(channels) {
  const made = new AudioBuffer({ length: channels[0].length, numberOfChannels: channels.length, sampleRate: SAMPLE_RATE });
  channels.forEach((samples, channel) => made.copyToChannel(samples, channel));
  return made;
}

const input = buffer([noise(4 * SAMPLE_RATE, 3), noise(4 * SAMPLE_RATE, 4)]);

/** Our node with a response of these channels, or without one. */
async function ours(context, taps, options = {}) {
  const engine = await Engine.create(context, { memoryMebibytes: MEMORY_MEBIBYTES, ...options });
  // A ConvolverNode has no AudioParams, each of which costs the browser a quarter of a microsecond.
  const constants = { 'convolver.wet': taps ? 1 : 0, 'convolver.dry': taps ? 0 : 1, 'convolver.bypass': 0 };
  const node = await engine.createNode({ effects: ['convolver'], constants });
  if (taps) await node.setImpulseResponse(buffer(taps), { normalize: false });
  return { engine, node };
}

async function alone(context, taps) {
  const { engine, node } = await ours(context, taps);
  return { nodes: [node], end: () => engine.dispose() };
}

const makers = {
  ours: alone,
  empty: (context) => alone(context),
  theirs: (context, taps) => ({ nodes: [new ConvolverNode(context, { buffer: buffer(taps), disableNormalization: true })] }),
  nothing: () => ({ nodes: [] }),
};

/** Microseconds per render quantum, and the last second of the left channel. */
async function render(make, taps) {
  const context = new OfflineAudioContext(2, SAMPLE_RATE * SECONDS, SAMPLE_RATE);
  const { nodes, end } = await make(context, taps);
  const source = new AudioBufferSourceNode(context, { buffer: input, loop: true });
  [source, ...nodes, context.destination].reduce((from, to) => from.connect(to));
  source.start();
  const begun = performance.now();
  const rendered = await context.startRendering();
  const elapsed = performance.now() - begun;
  await end?.();
  return { microseconds: (elapsed * 1000) / QUANTA, heard: rendered.getChannelData(0).subarray(-SAMPLE_RATE) };
}

/** Microseconds per quantum of ours, ours without a response, theirs and neither, in `rounds` rounds, every second one backwards. */
globalThis.measureOffline = async (seconds, rounds) => {
  await warm();
  const taps = response(seconds);
  const [heard, exact] = [await render(makers.ours, taps), await render(makers.theirs, taps)];
  const error = relativeError(heard.heard, exact.heard);
  if (!(error < MOST)) throw new Error(`Ours and theirs differ with a response of ${seconds} s: relative error ${error}.`);
  const measured = { ours: [], empty: [], theirs: [], nothing: [] };
  for (let round = 0; round < rounds; round += 1) {
    const order = Object.keys(measured);
    if (round % 2 === 1) order.reverse();
    for (const name of order) measured[name].push((await render(makers[name], taps)).microseconds);
  }
  return measured;
};

const wait = (seconds) => new Promise((resolve) => { setTimeout(resolve, seconds * 1000); });

/** What became of a live tail's jobs, of each second; `settling` seconds pass before. */
globalThis.measureLive = async (seconds, settling, count) => {
  const context = new AudioContext({ sampleRate: SAMPLE_RATE });
  const { engine, node } = await ours(context, response(seconds), { workers: 2 });
  const source = new AudioBufferSourceNode(context, { buffer: input, loop: true });
  source.connect(node).connect(context.destination);
  source.start();
  await context.resume();
  await wait(settling);
  const seen = [engine.report().audioJobs];
  for (let second = 0; second < count; second += 1) {
    await wait(1);
    seen.push(engine.report().audioJobs);
  }
  await context.close();
  await engine.dispose();
  return seen.slice(1).map((after, second) => Object.fromEntries(Object.keys(after).map((name) => [name, after[name] - seen[second][name]])));
};

/** Our convolver and fft-convolver in a worker. */
globalThis.measureRaw = (seconds, rounds) => new Promise((resolve, reject) => {
  const worker = new Worker('worker.js', { type: 'module' });
  worker.onmessage = ({ data }) => resolve(data);
  worker.onerror = (event) => reject(new Error(event.message));
  worker.postMessage({ seconds, rounds });
});
globalThis.ready = true;
