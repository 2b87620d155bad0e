// An example: a chain of effects goes into a graph of plain Web Audio nodes.

import { Engine } from '../../rusty-audio/index.js';
import { byId, setText } from '../../page.js';

const CHORD_HZ = [220, 277.18, 329.63];
const NOTE_S = 0.9;

/** What was there before: a chord that is struck again and again, in `mix`. */
function startChord(context) {
  const mix = new GainNode(context, { gain: 0 });
  for (const frequency of CHORD_HZ) {
    const oscillator = new OscillatorNode(context, { frequency, type: 'triangle' });
    oscillator.connect(mix);
    oscillator.start();
  }
  mix.connect(context.destination);
  const strike = () => {
    const now = context.currentTime;
    mix.gain.setTargetAtTime(0.15, now, 0.01);
    mix.gain.setTargetAtTime(0, now + 0.12, 0.08);
  };
  strike();
  setInterval(strike, NOTE_S * 1000);
  return mix;
}

async function start() {
  byId('start').disabled = true;
  try {
    const context = new AudioContext();
    const mix = startChord(context);
    await context.resume();
    const engine = await Engine.create(context);
    const node = await engine.createNode({
      effects: ['compressor', { effect: 'delay', maximumDelay: 2 }, 'limiter'],
      parameters: { 'delay.time': 0.3, 'delay.feedback': 0.5, 'delay.mix': 0.4, 'delay.pingPong': 1 },
    });
    node.connect(context.destination);
    globalThis.example = { context, node };

    let isIn = false;
    byId('insert').addEventListener('click', () => {
      isIn = !isIn;
      mix.disconnect();
      mix.connect(isIn ? node : context.destination);
      byId('insert').setAttribute('aria-pressed', String(isIn));
      setText(byId('insert'), isIn ? 'Take them out' : 'Insert the effects');
      setText(byId('told'), isIn ? `The effects are in, ${(node.latency * 1000).toFixed(1)} ms late.` : 'The chord goes straight to the speakers.');
    });
    byId('insert').disabled = false;
    setText(byId('told'), 'The chord goes straight to the speakers.');
  } catch (error) {
    byId('start').disabled = false;
    setText(byId('told'), `${error.message} ${error.advice ?? ''}`);
  }
}

byId('start').addEventListener('click', start);
