// The package on a bare page, with the empty worklet behind the player to see what it renders.

import { onClick, record } from './moments.js';
import { Engine } from './rusty-audio/index.js';

const moments = {};
const context = new AudioContext();
const [engine] = await Promise.all([Engine.create(context), context.audioWorklet.addModule('empty_worklet.js')]);
const player = await engine.createPlayer();
const probe = new AudioWorkletNode(context, 'empty');
record(probe, moments);
player.connect(probe).connect(context.destination);

if (new URLSearchParams(location.search).has('click')) {
  await player.load('tone.wav');
  onClick(moments, () => player.play());
}
// The decode worker stands beside the pool.
globalThis.bench = { moments, workers: engine.workers.length + 1, mode: engine.mode };
