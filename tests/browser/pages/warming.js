// Engines that warm their kernels, or are kept from it. The tests reach it as `warming`; what crosses to them is plain data.

import { Engine } from '../package/index.js';
import { close } from './closing.js';
import { exchangeExports } from './exports.js';

const SAMPLE_RATE = 48_000;
const FRAMES = 24_000;

const wait = (seconds) => new Promise((resolve) => { setTimeout(resolve, seconds * 1000); });

/** The workers that were told to warm, and those that were ended. */
const told = [];
const ended = new Set();
let tamper = (message) => message;

const { postMessage, terminate } = Worker.prototype;
Worker.prototype.postMessage = function post(message, ...more) {
  if (message?.type !== 'warm') return postMessage.call(this, message, ...more);
  told.push(this);
  const sent = tamper(message);
  return sent && postMessage.call(this, sent);
};
Worker.prototype.terminate = function end() {
  ended.add(this);
  terminate.call(this);
};

const compile = WebAssembly.compile.bind(WebAssembly);

/** What keeps an engine from warming. */
const obstacles = {
  none() {},
  silence() { tamper = () => null; },
  trap() { WebAssembly.compile = async (bytes) => compile(exchangeExports(bytes, 'warm', 'fault')); },
  // 4 MiB are enough to begin.
  littleMemory() { tamper = (message) => ({ ...message, pages: 64 }); },
  // Less than the module's own data.
  noMemory() { tamper = (message) => ({ ...message, pages: 1 }); },
};

async function create(obstacle) {
  WebAssembly.compile = compile;
  tamper = (message) => message;
  told.length = 0;
  obstacles[obstacle]();
  const context = new AudioContext({ sampleRate: SAMPLE_RATE });
  await context.audioWorklet.addModule('feed.js');
  await context.audioWorklet.addModule('capture.js');
  return Engine.create(context);
}

/** Waits until the report says what came of the warming. */
async function outcome(engine, seconds = 15) {
  const end = performance.now() + seconds * 1000;
  while (engine.report().warming === null) {
    if (performance.now() > end) throw new Error(`nothing came of the warming within ${seconds} s`);
    await wait(0.02);
  }
  return engine.report().warming;
}

const facts = () => ({ told: told.length, ended: told.every((worker) => ended.has(worker)) });

/** Noise, the same each time. */
function noise(length) {
  let state = 1;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return state / 2 ** 33;
  });
}

/** Plays noise through a chain from the very first quantum on. Resolves to what is heard on the left, from its first sound on. */
async function heard(engine) {
  const { context } = engine;
  await context.suspend();
  const node = await engine.createNode({
    effects: ['equalizer', 'convolver', 'compressor'],
    parameters: { 'equalizer.band1.type': 1, 'equalizer.band1.gain': 6, 'convolver.wet': 1, 'compressor.threshold': -40 },
  });
  const response = new AudioBuffer({ length: 9600, numberOfChannels: 2, sampleRate: SAMPLE_RATE });
  for (const channel of [0, 1]) response.copyToChannel(noise(response.length).map((value, n) => value * Math.exp(-n / 2000)), channel);
  await node.setImpulseResponse(response);
  const planes = [noise(2 * FRAMES), noise(2 * FRAMES)];
  const source = new AudioWorkletNode(context, 'feed', { numberOfInputs: 0, outputChannelCount: [2], processorOptions: { planes } });
  const recorder = new AudioWorkletNode(context, 'capture', { outputChannelCount: [2] });
  const chunks = [];
  const started = new Promise((resolve) => {
    recorder.port.onmessage = ({ data }) => {
      if (data === 'started') resolve();
      if (data.left) chunks.push(...data.left);
    };
  });
  recorder.port.postMessage('start');
  await started;
  source.connect(node).connect(recorder).connect(context.destination);
  await context.resume();
  let from = -1;
  while (from === -1 || chunks.length < from + FRAMES) {
    await wait(0.1);
    from = chunks.findIndex((sample) => sample !== 0);
  }
  return new Uint32Array(Float32Array.from(chunks.slice(from, from + FRAMES)).buffer);
}

async function dispose(engine) {
  await engine.dispose();
  await close(engine.context);
}

window.warming = {
  /** What comes of the warming of an engine, and whether a node renders on. */
  async ended(obstacle) {
    const engine = await create(obstacle);
    const { mode } = engine;
    const node = await engine.createNode({ effects: ['gain'] });
    node.connect(engine.context.destination);
    await engine.context.resume();
    const result = await outcome(engine);
    const { processedFrames } = node.telemetry;
    await wait(0.2);
    const goesOn = node.telemetry.processedFrames > processedFrames;
    const faults = engine.report().faults.length;
    await dispose(engine);
    return { mode, result, goesOn, faults, ...facts() };
  },

  /** The same, before the audio thread traps and after it. */
  async recovered() {
    const engine = await create('none');
    const node = await engine.createNode({ effects: ['gain'] });
    node.connect(engine.context.destination);
    await engine.context.resume();
    const first = await outcome(engine);
    const recovered = new Promise((resolve) => { node.addEventListener('recovered', () => resolve('recovered')); });
    node.port.postMessage({ type: 'fault', kind: 1 });
    const event = await Promise.race([recovered, wait(10)]);
    await wait(0.3);
    const then = engine.report().warming;
    await dispose(engine);
    return { event, first, then, ...facts() };
  },

  /** How the sound of an engine that warms meanwhile differs from that of one that never does: the first frame, or -1. */
  async difference() {
    const sounds = [];
    const told = [];
    for (const obstacle of ['silence', 'none']) {
      const engine = await create(obstacle);
      sounds.push(await heard(engine));
      told.push(engine.report().warming?.quanta ?? 0);
      await dispose(engine);
    }
    const [without, warm] = sounds;
    return { frame: warm.findIndex((bits, place) => bits !== without[place]), quanta: told, distinct: new Set(warm).size };
  },

  /** An engine that is disposed of while its worker warms. */
  async disposed() {
    const engine = await create('none');
    const { warming } = engine.report();
    await dispose(engine);
    await wait(0.5);
    return { before: warming, after: engine.report().warming, ...facts() };
  },

  /** An engine whose worker never answers. */
  async unanswered() {
    const engine = await create('silence');
    const result = await outcome(engine);
    await dispose(engine);
    return { result, ...facts() };
  },

  /** An engine for a context that has no deadlines. */
  async offline() {
    told.length = 0;
    const engine = await Engine.create(new OfflineAudioContext(2, 128, SAMPLE_RATE));
    await wait(0.5);
    const { warming } = engine.report();
    await engine.dispose();
    return { warming, ...facts() };
  },
};
