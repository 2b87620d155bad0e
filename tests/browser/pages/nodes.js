// Nodes of effects in graphs of their own. The tests reach it as `nodes`; what crosses to them is plain data.

import { close } from './closing.js';
import { Engine, EQUALIZER_TYPES, Monitor } from '../package/index.js';

const SAMPLE_RATE = 48_000;
const FRAMES = 9600;

const wait = (seconds) => new Promise((resolve) => { setTimeout(resolve, seconds * 1000); });

function sine(channels, frames = FRAMES) {
  const buffer = new AudioBuffer({ length: frames, numberOfChannels: channels, sampleRate: SAMPLE_RATE });
  for (let channel = 0; channel < channels; channel += 1) {
    const samples = buffer.getChannelData(channel);
    for (let frame = 0; frame < frames; frame += 1) samples[frame] = Math.sin(frame * (0.05 + channel * 0.01)) / 2;
  }
  return buffer;
}

/** Renders a node offline with `input` (none when null); `act` may change it before. Returns both planes and what `look` says at the end. */
async function render({ input = sine(2), effects, constants, options = {}, act = () => {}, look = () => undefined }) {
  const context = new OfflineAudioContext(2, FRAMES, SAMPLE_RATE);
  const engine = await Engine.create(context, options);
  const node = await engine.createNode({ effects, constants });
  node.connect(context.destination);
  if (input) {
    const source = new AudioBufferSourceNode(context, { buffer: input });
    source.connect(node);
    source.start();
  }
  await act(node, context);
  const rendered = await context.startRendering();
  // Telemetry in solo mode comes as a message.
  await wait(0.1);
  const seen = look(node);
  node.dispose();
  node.dispose();
  await engine.dispose();
  return { left: [...rendered.getChannelData(0)], right: [...rendered.getChannelData(1)], seen };
}

const code = async (promise) => promise.then(() => null, ({ code: text, message, advice }) => ({ code: text, message, advice }));

/** The package, and a copy of it at another address. */
const copies = (other) => Promise.all([import('../package/index.js'), import(`${other}/package/index.js`)]);

window.nodes = {
  mode: async () => {
    const engine = await Engine.create(new OfflineAudioContext(2, 128, SAMPLE_RATE));
    return engine.mode;
  },

  /** What comes in, to compare with. */
  input: (channels) => Array.from({ length: channels }, (_, channel) => [...sine(channels).getChannelData(channel)]),

  automated: () => render({
    effects: ['gain'],
    act: ({ parameters }) => {
      parameters.get('gain.gain').setValueAtTime(0, 0);
      parameters.get('gain.gain').linearRampToValueAtTime(1, FRAMES / SAMPLE_RATE);
    },
  }),

  /** A sine through a node of each copy, in one context; both nodes halve it, and are of other classes. */
  async copied(other) {
    const [ours, theirs] = await copies(other);
    const context = new OfflineAudioContext(2, FRAMES, SAMPLE_RATE);
    const engines = await Promise.all([ours, theirs].map((copy) => copy.Engine.create(context)));
    const parameters = { 'gain.gain': 0.5 };
    const first = await engines[0].createNode({ effects: ['gain'], parameters });
    const second = await engines[1].createNode({ effects: ['gain', 'stereoWidth'], parameters });
    const source = new AudioBufferSourceNode(context, { buffer: sine(2) });
    source.connect(first).connect(second).connect(context.destination);
    source.start();
    const rendered = await context.startRendering();
    const modes = engines.map(({ mode }) => mode);
    await Promise.all(engines.map((engine) => engine.dispose()));
    return { areTwo: ours.Engine !== theirs.Engine, modes, left: [...rendered.getChannelData(0)] };
  },

  /**
   * Engines and a monitor begin at the same time in a context that runs, and an engine that nobody waits for any more while it loads. Whether
   * each engine makes a node, and the monitor hears; how many modules the worklet was given at a time.
   */
  async begunTogether() {
    const context = new AudioContext();
    await context.resume();
    const modules = { pending: 0, most: 0 };
    const abort = new AbortController();
    context.audioWorklet.addModule = async (...given) => {
      abort.abort();
      modules.pending += 1;
      modules.most = Math.max(modules.most, modules.pending);
      await AudioWorklet.prototype.addModule.apply(context.audioWorklet, given).finally(() => { modules.pending -= 1; });
    };
    const givenUp = code(Engine.create(context, { signal: abort.signal }));
    const [monitor, ...engines] = await Promise.all([Monitor.attach(context), Engine.create(context), Engine.create(context)]);
    const nodes = await Promise.all(engines.map((engine) => engine.createNode({ effects: ['gain'] })));
    for (let tenths = 0; monitor.report().figures.gaps === null && tenths < 100; tenths += 1) await wait(0.1);
    const found = { state: context.state, modules, givenUp: (await givenUp)?.code, nodes: nodes.map(({ parameters }) => [...parameters.keys()].length), hears: monitor.report().figures.gaps !== null };
    monitor.close();
    await close(context);
    await Promise.all(engines.map((engine) => engine.dispose()));
    return found;
  },

  /** What each copy hears of the audio thread, and how far each comes with the round trip where there is no microphone. */
  async copiedScripts(other) {
    const getUserMedia = () => Promise.reject(new DOMException('Permission denied', 'NotAllowedError'));
    Object.defineProperty(navigator, 'mediaDevices', { configurable: true, value: { getUserMedia } });
    const context = new AudioContext();
    await context.resume();
    const found = [];
    for (const { Monitor, measureRoundTrip } of await copies(other)) {
      const monitor = await Monitor.attach(context);
      let report = monitor.report();
      for (let tenths = 0; report.figures.gaps === null && tenths < 100; tenths += 1) {
        await wait(0.1);
        report = monitor.report();
      }
      const { code: refusal } = await code(measureRoundTrip(context, { volumeIsLow: true }));
      found.push({ hears: report.figures.gaps !== null, whyNot: report.whyNoGaps, refusal });
      monitor.close();
    }
    await close(context);
    return found;
  },

  /** Bytes of the engine's memory in use after each of `rounds` in which nodes and a player came, sounded and went; it has room for three players. */
  async comeAndGo(rounds) {
    const context = new AudioContext({ sampleRate: SAMPLE_RATE });
    const engine = await Engine.create(context);
    const response = new AudioBuffer({ length: SAMPLE_RATE, numberOfChannels: 1, sampleRate: SAMPLE_RATE });
    response.copyToChannel(Float32Array.from({ length: SAMPLE_RATE }, (_, frame) => Math.sin(frame * frame) / (1 + frame)), 0);
    await context.resume();
    const used = () => engine.memory().usedBytes;
    const series = [];
    let heard = 0;
    for (let round = 0; round < rounds; round += 1) {
      const node = await engine.createNode({ effects: ['convolver', 'spectral', 'analyser', 'limiter'], parameters: { 'convolver.wet': 0.5 } });
      await node.setImpulseResponse(response);
      const player = await engine.createPlayer({ effects: ['equalizer'] });
      player.connect(node).connect(context.destination);
      await player.load('/track/excerpt-s16le.wav');
      player.loop = true;
      await player.play();
      for (let tenths = 0; node.telemetry.peakLeft < 0.01 && tenths < 100; tenths += 1) await wait(0.1);
      heard += Number(node.telemetry.peakLeft >= 0.01);
      // One that is never connected, and one that is gone at once.
      const silent = await Promise.all([['delay'], ['spectral']].map((effects) => engine.createNode({ effects })));
      for (const each of [player, node, ...silent]) each.dispose();
      for (let tenths = 0; tenths < 50 && !(used() <= series[0] + 4 * 64); tenths += 1) await wait(0.1);
      series.push(used());
    }
    const restarts = engine.workers.reduce((sum, worker) => sum + worker.restarts, 0);
    await engine.dispose();
    await close(context);
    return { series, heard, restarts };
  },

  /** With the module of tests/own_effect. */
  async crushed() {
    const options = { assetBaseUrl: '../own_effect/' };
    let names;
    const { left } = await render({
      effects: ['bitCrusher'],
      options,
      act: (node) => {
        names = [...node.parameters.keys()].sort();
        node.setParameters({ 'bitCrusher.bits': 2, 'bitCrusher.mix': 1 });
      },
    });
    const engine = await Engine.create(new OfflineAudioContext(2, 128, SAMPLE_RATE), options);
    const { message } = await code(engine.createNode({ effects: ['gain'] }));
    return { crushed: left, names, refusal: message };
  },

  mono: () => render({ effects: ['gain'], input: sine(1) }),

  unconnected: () => render({ effects: ['delay', 'equalizer'], input: null, look: ({ telemetry }) => telemetry.processedFrames }),

  bypassed: () => render({
    effects: ['equalizer', 'limiter'],
    act: (node) => node.setParameters({ 'equalizer.band3.gain': 12, 'equalizer.bypass': 1, 'limiter.bypass': 1 }),
    look: (node) => ({ latencyFrames: node.latencyFrames, latency: node.latency, tailTime: node.tailTime }),
  }),

  measured: () => render({
    effects: ['compressor', 'meter'],
    act: (node) => node.setParameters({ 'compressor.threshold': -40 }),
    look: ({ readings, telemetry }) => ({ readings, telemetry }),
  }),

  /** A node that was made of another one's preset, by way of JSON. */
  async again() {
    const effects = [{ effect: 'equalizer', bands: 3 }, { effect: 'delay', name: 'echo', maximumDelay: 2 }];
    let preset;
    const first = await render({
      effects,
      act: (node) => {
        node.setParameters({ 'equalizer.band2.gain': 9, 'echo.time': 0.05 });
        preset = JSON.parse(JSON.stringify(node.preset));
      },
    });
    const second = await render({ effects: preset.effects, act: (node) => node.setParameters(preset.parameters) });
    return { same: JSON.stringify(first) === JSON.stringify(second), preset };
  },

  /** A node whose parameters are AudioParams, one in which two of them are constants, and that one again, of its preset. */
  async constant() {
    const effects = [{ effect: 'equalizer', bands: 3 }];
    const [first, second] = [['equalizer.band1.gain', 9], ['equalizer.band3.frequency', 3000]];
    const sounds = [await render({ effects, act: (node) => node.setParameters(Object.fromEntries([first, second, ['equalizer.band3.gain', -12]])) })];
    let seen;
    sounds.push(await render({
      effects,
      constants: Object.fromEntries([first, second]),
      act: (node) => {
        node.setParameters({ 'equalizer.band3.gain': -12 });
        seen = { names: [...node.parameters.keys()], preset: JSON.parse(JSON.stringify(node.preset)) };
      },
    }));
    sounds.push(await render({ ...seen.preset, act: (node) => node.setParameters(seen.preset.parameters) }));
    return { same: sounds.every(({ left, right }) => JSON.stringify([left, right]) === JSON.stringify([sounds[0].left, sounds[0].right])), ...seen };
  },

  /** What each wrong call is rejected with. */
  /** Nodes of different AudioParams, made at the same time. */
  async together() {
    const engine = await Engine.create(new OfflineAudioContext(2, 128, SAMPLE_RATE));
    const kinds = ['gain', 'stereoWidth', 'limiter'];
    const made = await Promise.all(kinds.map((effect) => engine.createNode({ effects: [effect] })));
    return made.map(({ parameters }) => [...parameters.keys()].sort());
  },

  /** What the engine tells of its effects beside what a node of each has; and the types of an equalizer's bands. */
  async described() {
    const engine = await Engine.create(new OfflineAudioContext(2, 128, SAMPLE_RATE));
    const nodes = [];
    for (const { name, parameters } of engine.effects) {
      const bands = name === 'equalizer' ? { bands: 16 } : {};
      const node = await engine.createNode({ effects: [{ effect: name, ...bands }] });
      const own = [...node.parameters].map(([full, { defaultValue, minValue, maxValue }]) => [full.slice(name.length + 1), defaultValue, minValue, maxValue]);
      own.sort(([one], [other]) => (one < other ? -1 : 1));
      nodes.push({ name, own, told: parameters.map((parameter) => [parameter.name, parameter.default, parameter.minimum, parameter.maximum]).sort(([one], [other]) => (one < other ? -1 : 1)) });
    }
    return { nodes, effects: engine.effects, types: EQUALIZER_TYPES };
  },

  /** What an equalizer with a band of each type and one constant does to an impulse, and what it says that it does. */
  async drawn() {
    const input = new AudioBuffer({ length: FRAMES, numberOfChannels: 2, sampleRate: SAMPLE_RATE });
    for (const channel of [0, 1]) input.getChannelData(channel)[0] = 1;
    const frequencies = Float32Array.from({ length: 24 }, (_, index) => 100 * 200 ** (index / 24));
    const factors = new Float32Array(frequencies.length);
    const { left, seen } = await render({
      input,
      effects: ['gain', { effect: 'equalizer', name: 'tone', bands: 7 }],
      constants: { 'tone.band1.gain': 9 },
      act: (node) => {
        EQUALIZER_TYPES.slice(1).forEach((_, index) => {
          const band = `tone.band${index + 1}`;
          node.setParameters({ [`${band}.type`]: index + 1, [`${band}.frequency`]: 200 + 900 * index, [`${band}.q`]: 0.6 });
          if (index > 0) node.setParameters({ [`${band}.gain`]: 5 - index });
        });
      },
      look: (node) => {
        node.getMagnitudeResponse(frequencies, factors, { effect: 'tone' });
        const refused = [() => node.getMagnitudeResponse(frequencies, factors), () => node.getMagnitudeResponse(frequencies, new Float32Array(3), { effect: 'tone' })];
        return refused.map((act) => { try { return act(); } catch (error) { return error.message; } });
      },
    });
    const heard = [...frequencies].map((hertz) => {
      let [real, imaginary] = [0, 0];
      left.forEach((sample, frame) => {
        const angle = (2 * Math.PI * hertz * frame) / SAMPLE_RATE;
        real += sample * Math.cos(angle);
        imaginary -= sample * Math.sin(angle);
      });
      return Math.hypot(real, imaginary);
    });
    return { heard, told: [...factors], refused: seen };
  },

  async refusals() {
    const context = new OfflineAudioContext(2, FRAMES, SAMPLE_RATE);
    const engine = await Engine.create(context, { memoryMebibytes: 11 });
    const node = await engine.createNode({ effects: ['convolver'] });
    const response = (seconds, sampleRate = SAMPLE_RATE, numberOfChannels = 2) => new AudioBuffer({ length: seconds * sampleRate, numberOfChannels, sampleRate });
    return {
      effect: await code(engine.createNode({ effects: ['reverb'] })),
      setting: await code(engine.createNode({ effects: [{ effect: 'equalizer', band: 3 }] })),
      range: await code(engine.createNode({ effects: [{ effect: 'equalizer', bands: 99 }] })),
      twice: await code(engine.createNode({ effects: [{ effect: 'gain', name: 'a' }, { effect: 'gain', name: 'a' }] })),
      parameter: await code(engine.createNode({ effects: ['gain'], parameters: { 'gain.gian': 1 } })),
      value: await code(engine.createNode({ effects: ['gain'], parameters: { 'gain.gain': 99 } })),
      constant: await code(engine.createNode({ effects: ['gain'], constants: { 'gain.gian': 1 } })),
      constantValue: await code(engine.createNode({ effects: ['gain'], constants: { 'gain.gain': '2' } })),
      constantAndParameter: await code(engine.createNode({ effects: ['gain'], constants: { 'gain.gain': 2 }, parameters: { 'gain.gain': 1 } })),
      many: await code(engine.createNode({ effects: Array(17).fill('gain') })),
      rate: await code(node.setImpulseResponse(response(1, 44_100))),
      channels: await code(node.setImpulseResponse(response(1, SAMPLE_RATE, 3))),
      convolver: await code(node.setImpulseResponse(response(1), { effect: 'room' })),
      memory: await code(node.setImpulseResponse(response(20))),
      player: await code(engine.createPlayer({ impulseResponse: response(20) })),
      numbered: (await engine.createNode({ effects: ['gain', 'gain'] })).effects.map(({ name }) => name),
    };
  },

  /** Live: a convolver's response is exchanged while it sounds. Returns the largest step of the sound, and whether the memory stays the same. */
  async exchanged() {
    const context = new AudioContext({ sampleRate: SAMPLE_RATE });
    await context.audioWorklet.addModule('capture.js');
    const engine = await Engine.create(context, { memoryMebibytes: 64 });
    const node = await engine.createNode({ effects: ['convolver'], parameters: { 'convolver.wet': 1, 'convolver.dry': 0 } });
    const response = (sign) => {
      const buffer = new AudioBuffer({ length: SAMPLE_RATE, numberOfChannels: 2, sampleRate: SAMPLE_RATE });
      for (const channel of [0, 1]) buffer.getChannelData(channel).forEach((_, n, samples) => { samples[n] = n < 4800 ? (sign * (4800 - n)) / 4800 / 500 : 0; });
      return buffer;
    };
    await node.setImpulseResponse(response(1), { normalize: false });
    const source = new ConstantSourceNode(context, { offset: 0.2 });
    const recorder = new AudioWorkletNode(context, 'capture', { outputChannelCount: [2] });
    const chunks = [];
    recorder.port.onmessage = ({ data }) => { if (data.left) chunks.push(...data.left); };
    source.connect(node).connect(recorder).connect(context.destination);
    source.start();
    await context.resume();
    await wait(0.5);
    recorder.port.postMessage('start');
    const used = [];
    for (let round = 0; round < 6; round += 1) {
      await node.setImpulseResponse(response(round % 2 ? 1 : -1), { normalize: false });
      await wait(1.5);
      used.push(engine.memory().usedBytes);
    }
    recorder.port.postMessage('stop');
    await wait(0.3);
    let step = 0;
    for (let n = 1; n < chunks.length; n += 1) step = Math.max(step, Math.abs(chunks[n] - chunks[n - 1]));
    const heard = { least: chunks.reduce((a, b) => Math.min(a, b), 1), most: chunks.reduce((a, b) => Math.max(a, b), -1) };
    const restarts = engine.workers.reduce((sum, worker) => sum + worker.restarts, 0);
    await close(context);
    await engine.dispose();
    return { step, used, heard, restarts };
  },

  /** Live: a sound that is partly too loud goes through a node, and silence follows. */
  async loud() {
    const context = new AudioContext({ sampleRate: SAMPLE_RATE });
    const engine = await Engine.create(context);
    const { monitor } = engine;
    const node = await engine.createNode({ effects: ['gain'] });
    const buffer = sine(2);
    const planes = [0, 1].map((channel) => buffer.getChannelData(channel));
    planes.forEach((samples) => samples.forEach((sample, frame) => { samples[frame] = sample * 3; }));
    const expected = planes.flatMap((samples) => [...samples]).filter((sample) => Math.abs(sample) > 1).length;
    // In Firefox a source takes the samples of its buffer away.
    const source = new AudioBufferSourceNode(context, { buffer });
    source.connect(node).connect(context.destination);
    await context.resume();
    const ended = new Promise((resolve) => { source.onended = resolve; });
    source.start();
    await ended;
    // The monitor looks ten times a second.
    await wait(0.5);
    const seen = { node: node.telemetry.clippedSamples, monitor: monitor.report().figures.clippedSamples };
    await close(context);
    await engine.dispose();
    return { seen, expected };
  },

  /** Live: the audio thread traps; the node goes on with its AudioParams. */
  async trapped() {
    const context = new AudioContext({ sampleRate: SAMPLE_RATE });
    const engine = await Engine.create(context);
    const node = await engine.createNode({ effects: ['gain'], parameters: { 'gain.gain': 0.25 } });
    const other = await engine.createNode({ effects: ['limiter'] });
    const source = new ConstantSourceNode(context, { offset: 1 });
    source.connect(node).connect(other).connect(context.destination);
    source.start();
    await context.resume();
    // Long enough for the peak of whatever came first to fall.
    await wait(1.5);
    const before = node.telemetry;
    const recoveries = Promise.all([node, other].map((each) => new Promise((resolve) => each.addEventListener('recovered', ({ detail }) => resolve(detail)))));
    node.port.postMessage({ type: 'fault', kind: 1 });
    const details = await Promise.race([recoveries, wait(15)]);
    await wait(1.5);
    const after = node.telemetry;
    // Of a class that is registered only now.
    const late = await engine.createNode({ effects: ['delay'] });
    const names = [...late.parameters.keys()];
    await close(context);
    await engine.dispose();
    return { before: before.peakLeft, after: after.peakLeft, goesOn: after.processedFrames > before.processedFrames, details, names };
  },
};
