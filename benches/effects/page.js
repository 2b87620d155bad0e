// Graphs rendered offline, as fast as they go: the effects of a node against the browser's own nodes.

import { Engine } from './package/index.js';
import { warm } from './warm.js';

const SAMPLE_RATE = 48_000;
const SECONDS = 20;
const QUANTA = (SAMPLE_RATE * SECONDS) / 128;
const FREQUENCIES = [31.25, 62.5, 125, 250, 500, 1000, 2000, 4000, 8000, 16_000];

const noise = (() => {
  const buffer = new AudioBuffer({ length: SAMPLE_RATE, numberOfChannels: 2, sampleRate: SAMPLE_RATE });
  for (const channel of [0, 1]) {
    const samples = buffer.getChannelData(channel);
    for (let frame = 0; frame < samples.length; frame += 1) samples[frame] = (Math.random() - 0.5) / 4;
  }
  return buffer;
})();

/** Bands of our equalizer, as the browser's filters have them. */
const bands = (count) => Array.from({ length: count }, (_, band) => ({ frequency: FREQUENCIES[band % 10], gain: band % 2 ? 3 : -3, q: 1.4 }));

async function ours(context, effects, values = {}) {
  const engine = await Engine.create(context);
  const node = await engine.createNode({ effects, ...values });
  return { nodes: [node], end: () => engine.dispose() };
}

/** Equalizers in a row; `as` says what their parameters are: `parameters`, which have AudioParams, or `constants`. */
const equalizers = (sizes, as) => (context) => {
  const name = (place) => `equalizer${place}`;
  const values = sizes.flatMap((size, place) => bands(size).flatMap((band, index) => Object.entries({ type: 1, ...band })
    .map(([parameter, value]) => [`${name(place)}.band${index + 1}.${parameter}`, value])));
  return ours(context, sizes.map((size, place) => ({ effect: 'equalizer', name: name(place), bands: size })), { [as]: Object.fromEntries(values) });
};

const empty = (count) => async (context) => {
  await context.audioWorklet.addModule('empty_worklet.js');
  return { nodes: [new AudioWorkletNode(context, `empty${count}`, { outputChannelCount: [2] })] };
};

const filters = (count) => (context) => ({
  nodes: bands(count).map(({ frequency, gain, q }) => new BiquadFilterNode(context, { type: 'peaking', frequency, gain, Q: q })),
});

/** Each makes nodes, to be connected in a row. */
const cases = {
  nothing: () => ({ nodes: [] }),
  'empty node, no AudioParam': empty(0),
  'empty node, 40 AudioParams': empty(40),
  'equalizer, 10 bands': equalizers([10], 'parameters'),
  'equalizer, 10 bands, constant': equalizers([10], 'constants'),
  '10 BiquadFilterNodes': filters(10),
  'equalizers, 50 bands': equalizers([16, 16, 16, 2], 'parameters'),
  'equalizers, 50 bands, constant': equalizers([16, 16, 16, 2], 'constants'),
  '50 BiquadFilterNodes': filters(50),
  compressor: (context) => ours(context, ['compressor']),
  DynamicsCompressorNode: (context) => ({ nodes: [new DynamicsCompressorNode(context)] }),
};

/** Microseconds per render quantum. */
async function render(make) {
  const context = new OfflineAudioContext(2, SAMPLE_RATE * SECONDS, SAMPLE_RATE);
  const { nodes, end } = await make(context);
  const source = new AudioBufferSourceNode(context, { buffer: noise, loop: true });
  [source, ...nodes, context.destination].reduce((from, to) => from.connect(to));
  source.start();
  const begun = performance.now();
  const rendered = await context.startRendering();
  const elapsed = performance.now() - begun;
  await end?.();
  if (!rendered.getChannelData(0).some((sample) => sample !== 0)) throw new Error('The graph was silent.');
  return (elapsed * 1000) / QUANTA;
}

/** Runs the cases in `rounds` rounds, every second one backwards; resolves to microseconds per quantum by case. */
globalThis.measure = async (rounds) => {
  await warm();
  const measured = Object.fromEntries(Object.keys(cases).map((name) => [name, []]));
  for (const make of Object.values(cases)) await render(make);
  for (let round = 0; round < rounds; round += 1) {
    const order = Object.entries(cases);
    if (round % 2 === 1) order.reverse();
    for (const [name, make] of order) measured[name].push(await render(make));
  }
  return measured;
};
globalThis.ready = true;
