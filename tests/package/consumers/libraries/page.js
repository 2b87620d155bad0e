// Nodes in contexts that libraries wrap, behind every kind of source, several at a time, and gone when they are disposed of.
// The tests reach it as `libraries`; what crosses to them is plain data.
import { Engine } from 'rusty-audio';
import { AudioWorkletNode as WrappedNode, ConstantSourceNode as WrappedConstant, OfflineAudioContext as WrappedOffline } from 'standardized-audio-context';
import * as Tone from 'tone';

const SAMPLE_RATE = 48_000;
const FRAMES = 1280;

const wait = (seconds) => new Promise((resolve) => { setTimeout(resolve, seconds * 1000); });

/** Waits until `look` gives something. */
async function seen(look) {
  for (let tries = 0; tries < 200; tries += 1) {
    const found = look();
    if (found) return found;
    await wait(0.05);
  }
  throw new Error(`not seen: ${look}`);
}

/** What a node does to a steady source, live: the peak that it tells, which is exact for a steady sound. */
async function live(connect, { gain = 0.5 } = {}) {
  const context = new AudioContext({ sampleRate: SAMPLE_RATE });
  const engine = await Engine.create(context);
  const node = await engine.createNode({ effects: ['gain'], parameters: { 'gain.gain': gain } });
  const end = await connect(context, node);
  node.connect(context.destination);
  await context.resume();
  const peak = await seen(() => node.telemetry.peakLeft > 0.01 && node.telemetry.peakLeft);
  end?.();
  node.dispose();
  await engine.dispose();
  await context.close();
  return peak;
}

/** Renders a constant through a gain. */
async function constant(gain) {
  const context = new OfflineAudioContext(2, FRAMES, SAMPLE_RATE);
  const engine = await Engine.create(context);
  const nodes = [];
  for (const value of [gain, 0.5]) nodes.push(await engine.createNode({ effects: ['gain'], parameters: { 'gain.gain': value } }));
  const source = new ConstantSourceNode(context);
  source.connect(nodes[0]).connect(nodes[1]).connect(context.destination);
  source.start();
  const rendered = await context.startRendering();
  await engine.dispose();
  return [...new Set(rendered.getChannelData(0))];
}

function tone() {
  const [frames, header] = [SAMPLE_RATE, 44];
  const view = new DataView(new ArrayBuffer(header + 2 * frames));
  const words = [0x4646_4952, 36 + 2 * frames, 0x4556_4157, 0x2074_6d66, 16, 0x0001_0001, SAMPLE_RATE, 2 * SAMPLE_RATE, 0x0010_0002, 0x6174_6164, 2 * frames];
  words.forEach((word, index) => view.setUint32(4 * index, word, true));
  for (let n = 0; n < frames; n += 1) view.setInt16(header + 2 * n, 16_000 * Math.sin((2 * Math.PI * 1000 * n) / SAMPLE_RATE), true);
  return URL.createObjectURL(new Blob([view], { type: 'audio/wav' }));
}

window.libraries = {
  /** A ramp that standardized-audio-context automates, in an offline context of its own. */
  async standardized() {
    const context = new WrappedOffline({ numberOfChannels: 1, length: FRAMES, sampleRate: SAMPLE_RATE });
    const engine = await Engine.create(context, { AudioWorkletNode: WrappedNode });
    const node = await engine.createNode({ effects: ['gain'] });
    const source = new WrappedConstant(context);
    node.parameters.get('gain.gain').setValueAtTime(0.25, 0);
    source.connect(node).connect(context.destination);
    source.start();
    const rendered = await context.startRendering();
    const { preset } = node;
    node.dispose();
    await engine.dispose();
    return { values: [...new Set(rendered.getChannelData(0).subarray(64))], preset, wrapped: node instanceof WrappedNode };
  },

  /** Tone.js's own context, live, and its nodes before and behind ours. */
  async tone() {
    const context = Tone.getContext().rawContext;
    const engine = await Engine.create(context, { AudioWorkletNode: WrappedNode });
    const node = await engine.createNode({ effects: ['gain'], parameters: { 'gain.gain': 0.25 } });
    const meter = new Tone.Waveform(256);
    const signal = new Tone.Signal(0.5);
    Tone.connect(signal, node);
    Tone.connect(node, meter);
    await Tone.start();
    const values = await seen(() => meter.getValue().every((value) => value !== 0) && [...new Set(meter.getValue())]);
    node.dispose();
    await engine.dispose();
    return { values, mode: engine.mode };
  },

  mediaStream: () => live((context, node) => {
    const source = new ConstantSourceNode(context, { offset: 0.5 });
    const stream = new MediaStreamAudioDestinationNode(context);
    source.connect(stream);
    source.start();
    new MediaStreamAudioSourceNode(context, { mediaStream: stream.stream }).connect(node);
  }),

  mediaElement: () => live(async (context, node) => {
    const element = new Audio(tone());
    element.loop = true;
    new MediaElementAudioSourceNode(context, { mediaElement: element }).connect(node);
    await element.play();
    return () => element.pause();
  }),

  microphone: () => live(async (context, node) => {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false } });
    new MediaStreamAudioSourceNode(context, { mediaStream: stream }).connect(node);
    return () => stream.getTracks().forEach((track) => track.stop());
  }, { gain: 1 }),

  /** Engines in contexts of their own, at a time. */
  several: () => Promise.all([0.25, 0.5, 1, 2].map(constant)),

  /** How many of the nodes and players that were disposed of are still in memory after collections. */
  async disposed() {
    const context = new AudioContext({ sampleRate: SAMPLE_RATE });
    const engine = await Engine.create(context, { memoryMebibytes: 64 });
    const references = [];
    const make = async () => {
      for (let round = 0; round < 4; round += 1) {
        const node = await engine.createNode({ effects: ['gain', 'equalizer'] });
        const player = await engine.createPlayer();
        player.connect(node).connect(context.destination);
        await wait(0.1);
        node.dispose();
        node.dispose();
        player.dispose();
        player.dispose();
        references.push(new WeakRef(node), new WeakRef(player));
      }
    };
    await make();
    await context.resume();
    const living = () => references.filter((reference) => reference.deref()).length;
    for (let tries = 0; living() > 0 && tries < 50; tries += 1) {
      await wait(0.1);
      window.gc();
    }
    const left = living();
    await Promise.all([engine.dispose(), engine.dispose()]);
    await engine.dispose();
    const refusal = await engine.createNode({ effects: ['gain'] }).then(() => null, ({ code }) => code);
    await context.close();
    return { made: references.length, left, refusal };
  },

  /** What each wrong preset, and each call with a signal that has fired, is rejected with. */
  async refusals() {
    const context = new OfflineAudioContext(2, FRAMES, SAMPLE_RATE);
    const engine = await Engine.create(context);
    const node = await engine.createNode({ effects: ['convolver'] });
    const response = new AudioBuffer({ length: 100, sampleRate: SAMPLE_RATE });
    const signal = AbortSignal.abort();
    const wrong = ['{}', '{"effects":"gain"}', '{"effects":[7]}', '{"effects":["gain"],"parameters":null}', '{"effects":["gain"],"parameters":{"gain.gain":"1"}}', '{"effects":["gain"],"constants":5}'];
    const calls = {
      ...Object.fromEntries(wrong.map((text) => [text, () => engine.createNode(JSON.parse(text))])),
      create: () => Engine.create(context, { signal }),
      createNode: () => engine.createNode({ effects: ['gain'], signal }),
      createPlayer: () => engine.createPlayer({ signal }),
      setImpulseResponse: () => node.setImpulseResponse(response, { signal }),
      submit: () => engine.submit({ kind: 'test', seed: 1 }, { signal }),
      computeFft: () => engine.computeFft(new Float32Array(64), { signal }),
    };
    const codes = {};
    for (const [name, call] of Object.entries(calls)) codes[name] = await Promise.resolve().then(call).then(() => null, ({ code }) => code ?? 'no code');
    await engine.dispose();
    return codes;
  },
};
