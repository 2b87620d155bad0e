// An example: the microphone through a convolver.

import { Engine } from '../../rusty-audio/index.js';
import { impulseResponse } from '../../impulse_responses.js';
import { byId, setText } from '../../page.js';
import { shareText } from '../../wording.js';

const wet = byId('wet');
let running = null;

function showWet() {
  const share = Number(wet.value);
  setText(byId('wet-text'), shareText(share));
  wet.style.setProperty('--share', `${share * 100}%`);
  if (running) running.node.parameters.get('convolver.wet').value = share;
}

/** WebKit's page may stop for good when a context is closed while a worklet is being called, so it stands still first. */
async function close(context) {
  await context.suspend();
  await new Promise((resolve) => { setTimeout(resolve, 50); });
  await context.close();
}

async function start() {
  byId('start').disabled = true;
  const context = new AudioContext();
  try {
    // What a telephone does to a voice would be heard in the hall.
    const stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false } });
    const engine = await Engine.create(context);
    const node = await engine.createNode({ effects: ['convolver'], parameters: { 'convolver.dry': 0 } });
    await node.setImpulseResponse(impulseResponse(context, 'hall'));
    context.createMediaStreamSource(stream).connect(node).connect(context.destination);
    await context.resume();
    running = { context, engine, node, stream };
    globalThis.example = running;
    showWet();
    byId('stop').disabled = false;
    setText(byId('told'), 'Say something.');
  } catch (error) {
    await close(context);
    byId('start').disabled = false;
    setText(byId('told'), error.name === 'NotAllowedError' ? 'The browser does not give this page the microphone.' : `${error.message} ${error.advice ?? ''}`);
  }
}

async function stop() {
  const { context, engine, node, stream } = running;
  running = null;
  byId('stop').disabled = true;
  for (const track of stream.getTracks()) track.stop();
  node.dispose();
  await engine.dispose();
  await close(context);
  byId('start').disabled = false;
  setText(byId('told'), 'The microphone is off.');
}

byId('start').addEventListener('click', start);
byId('stop').addEventListener('click', stop);
wet.addEventListener('input', showWet);
showWet();
