// What a picture costs the main thread: the data of a frame, and whole frames on canvases of the same size.

import AudioMotionAnalyzer from './peer/audioMotion-analyzer.js';
import initializeHost from './package/host.js';
import { Engine } from './package/index.js';
import initializeRenderer from './package/render.js';
import './package/spectrum/index.js';

const SAMPLE_RATE = 48_000;
const LONGEST = 32_768;
/** Longer than a job takes, and than a render quantum: each read finds something new. */
const REST_MS = 12;

const sleep = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });
const frame = () => new Promise((resolve) => { requestAnimationFrame(resolve); });

const context = new AudioContext({ sampleRate: SAMPLE_RATE });
const noise = new AudioBuffer({ length: 4 * SAMPLE_RATE, numberOfChannels: 2, sampleRate: SAMPLE_RATE });
for (const channel of [0, 1]) {
  const samples = noise.getChannelData(channel);
  for (let place = 0; place < samples.length; place += 1) samples[place] = (Math.random() - 0.5) / 2;
}
const source = new AudioBufferSourceNode(context, { buffer: noise, loop: true });
source.start();
const engine = await Engine.create(context);

/** Microseconds of a call. */
function timed(call) {
  const began = performance.now();
  call();
  return (performance.now() - began) * 1000;
}

/** The data of a frame at the longest transform, read so many times by both; microseconds of each. */
globalThis.measureData = async (reads) => {
  const node = await engine.createNode({ effects: ['analyser'] });
  const analyser = new AnalyserNode(context, { fftSize: LONGEST });
  source.connect(node);
  source.connect(analyser);
  await sleep(1000 * LONGEST / SAMPLE_RATE);
  const reader = node.createSpectrumReader({ fftSize: LONGEST });
  const power = new Float32Array(reader.binCount);
  const decibels = new Float32Array(analyser.frequencyBinCount);
  const measured = { ours: [], theirs: [] };
  for (let read = 0; read < reads; read += 1) {
    await sleep(REST_MS);
    let isNew;
    const us = timed(() => { isNew = reader.readPower(power); });
    if (isNew) measured.ours.push(us);
    await sleep(REST_MS);
    measured.theirs.push(timed(() => analyser.getFloatFrequencyData(decibels)));
  }
  if (!(power[1000] > 0) || !Number.isFinite(decibels[1000])) throw new Error('The noise was not read.');
  reader.close();
  source.disconnect(node);
  source.disconnect(analyser);
  return measured;
};

const view = document.createElement('spectrum-view');
view.style.height = '320px';
let peer;

/** Each makes its picture move, and gives what stops it. */
const arms = {
  nothing: () => () => {},
  async ours() {
    Object.assign(view, { engine, source, bandsPerOctave: 6, fftSize: 8192 });
    document.getElementById('ours').append(view);
    while (!(view.statistics.frames > 2)) await frame();
    return () => view.remove();
  },
  async theirs() {
    peer ??= new AudioMotionAnalyzer(document.getElementById('theirs'), {
      source, connectSpeakers: false, mode: 4, fftSize: 8192, minFreq: 20, maxFreq: 20_000, showPeaks: true, width: 1200, height: 320,
    });
    peer.start();
    return () => peer.stop();
  },
};

let stop = () => {};

/** Begins one of the pictures, alone. */
globalThis.begin = async (arm) => {
  stop();
  stop = await arms[arm]();
  for (let count = 0; count < 30; count += 1) await frame();
};

/** Waits for so many repaints. */
globalThis.repaints = async (count) => {
  for (let index = 0; index < count; index += 1) await frame();
};

/** What draws, and the bytes of both modules' memories. */
globalThis.facts = async () => {
  const modules = [await initializeHost(), await initializeRenderer()];
  return { backend: view.backend, reason: view.backendReason, wasmBytes: modules.reduce((sum, { memory }) => sum + memory.buffer.byteLength, 0) };
};

await context.resume();
globalThis.ready = true;
