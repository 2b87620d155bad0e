// Renders scenes, offline or live, and posts what is heard to the letter-box. The tests reach it as `answer`.

import { Engine } from '../package/index.js';
import { close } from './closing.js';

const SAMPLE_RATE = 48_000;

const planes = async (scene, kind, channels = 2) => {
  const samples = new Float32Array(await (await fetch(`/scenes/${scene.name}.${kind}.f32`)).arrayBuffer());
  const frames = samples.length / channels;
  const buffer = new AudioBuffer({ length: frames, numberOfChannels: channels, sampleRate: SAMPLE_RATE });
  for (let channel = 0; channel < channels; channel += 1) buffer.copyToChannel(samples.subarray(channel * frames, (channel + 1) * frames), channel);
  return buffer;
};

/** What a node's processor says next. */
const told = ({ port }) => new Promise((resolve) => { port.onmessage = ({ data }) => resolve(data); });

/** The scene's node, with its input connected, and the frame with which both begin: the first that is rendered, which must be at `time`. */
async function build(engine, scene, time) {
  const { context } = engine;
  const node = await engine.createNode({ effects: scene.effects });
  if (scene.response) {
    await node.setImpulseResponse(await planes(scene, 'response', scene.response[0]), { normalize: false });
  }
  for (const { frame, parameter, value } of scene.events) {
    if (frame === 0) node.parameters.get(parameter).value = value;
    else node.parameters.get(parameter).setValueAtTime(value, time + frame / SAMPLE_RATE);
  }
  const input = await planes(scene, 'input');
  const source = new AudioWorkletNode(context, 'feed', {
    numberOfInputs: 0, outputChannelCount: [2], processorOptions: { planes: [input.getChannelData(0), input.getChannelData(1)] },
  });
  source.connect(node);
  return { node, begun: told(source).then(({ frame }) => frame) };
}

const post = (letter, parts) => fetch(`/letters/${letter}`, { method: 'POST', body: new Blob(parts) });

class Recording {
  constructor(context) {
    this.chunks = [];
    this.node = new AudioWorkletNode(context, 'capture', { outputChannelCount: [2] });
    this.messages = new Promise((resolve) => {
      this.node.port.onmessage = ({ data }) => {
        if (data === 'stopped') resolve();
        else if (data !== 'started') this.chunks.push(data);
      };
    });
    this.node.port.postMessage('start');
  }

  async stop() {
    this.node.port.postMessage('stop');
    await this.messages;
    return [...this.chunks.map(({ left }) => left), ...this.chunks.map(({ right }) => right)];
  }
}

const wait = (seconds) => new Promise((resolve) => { setTimeout(resolve, seconds * 1000); });

/** The frame that a suspended context renders next; its currentTime may be some quanta older. */
function nextFrame(context) {
  const node = new AudioWorkletNode(context, 'capture');
  node.port.postMessage('where');
  return told(node).then(({ frame }) => frame);
}

/** Suspends a context; resolves to the frame that it will render next, unless its device is late for long. */
async function suspend(context) {
  await context.suspend();
  // The thread may be in the middle of a callback, for as long as the machine has no time for it.
  for (let before = NaN; ;) {
    const frame = await nextFrame(context);
    if (frame === before) return frame;
    before = frame;
    await wait(0.2);
  }
}

/** What is heard of each scene, and the engine's report; nothing if they did not begin when they should. */
async function renderLive(scenes, options, killSeconds) {
  const context = new AudioContext({ sampleRate: SAMPLE_RATE });
  await context.audioWorklet.addModule('capture.js');
  await context.audioWorklet.addModule('feed.js');
  const engine = await Engine.create(context, options);
  try {
    // So that all of them begin with the same quantum.
    const start = await suspend(context);
    const recordings = [];
    const beginnings = [];
    for (const scene of scenes) {
      const { node, begun } = await build(engine, scene, start / SAMPLE_RATE);
      const recording = new Recording(context);
      node.connect(recording.node).connect(context.destination);
      recordings.push(recording);
      beginnings.push(begun);
    }
    await context.resume();
    // On a busy machine the device may have called once more after all, and then the events are early.
    const begun = await Promise.all(beginnings);
    if (begun.some((frame) => frame !== start)) return undefined;
    const seconds = Math.max(...scenes.map(({ frames }) => frames)) / SAMPLE_RATE;
    const end = context.currentTime + seconds + 0.5;
    while (context.currentTime < end) {
      await wait(killSeconds || 0.1);
      if (killSeconds) engine.killWorker(Math.floor(Math.random() * engine.workers.length));
    }
    const report = engine.report();
    return { report, sounds: await Promise.all(recordings.map((recording) => recording.stop())) };
  } finally {
    await close(context);
    await engine.dispose();
  }
}

window.answer = {
  /** Renders each scene in an OfflineAudioContext of its own and posts it to the letter of its name. */
  async offline(scenes, options, prefix) {
    for (const scene of scenes) {
      const context = new OfflineAudioContext(2, scene.frames, SAMPLE_RATE);
      const engine = await Engine.create(context, options);
      await context.audioWorklet.addModule('feed.js');
      const { node } = await build(engine, scene, 0);
      node.connect(context.destination);
      const rendered = await context.startRendering();
      await engine.dispose();
      await post(`${prefix}${scene.name}`, [rendered.getChannelData(0), rendered.getChannelData(1)]);
    }
  },

  /** Renders all scenes at once, live, while a worker is killed every `killSeconds`; posts each, and returns the engine's report. */
  async live(scenes, options, prefix, killSeconds = 0) {
    for (;;) {
      const rendered = await renderLive(scenes, options, killSeconds);
      if (!rendered) continue;
      for (const [index, { name }] of scenes.entries()) await post(`${prefix}${name}`, rendered.sounds[index]);
      return rendered.report;
    }
  },
};
