// What any engine pays at least: a context, an empty worklet and as many empty workers.

import { onClick, record } from './moments.js';

const query = new URLSearchParams(location.search);
const moments = {};
const context = new AudioContext();
const workers = Array.from({ length: Number(query.get('workers')) }, () => new Worker('empty_worker.js'));
const running = Promise.all(workers.map((worker) => new Promise((resolve) => { worker.onmessage = resolve; })));
await context.audioWorklet.addModule('empty_worklet.js');
const node = new AudioWorkletNode(context, 'empty');
record(node, moments);
node.connect(context.destination);

if (query.has('click')) {
  const tone = await context.decodeAudioData(await (await fetch('tone.wav')).arrayBuffer());
  onClick(moments, () => {
    context.resume();
    const source = new AudioBufferSourceNode(context, { buffer: tone });
    source.connect(node);
    source.start();
  });
}
await running;
globalThis.bench = { moments };
