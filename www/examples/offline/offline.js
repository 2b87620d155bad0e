// An example: effects over a whole file, faster than it sounds, and the result as a WAV file.

import { Engine } from '../../rusty-audio/index.js';
import { AudioBufferSource, BufferTarget, Output, WavOutputFormat } from '../../mediabunny.min.mjs';
import { byId, setText } from '../../page.js';
import { BUNDLED_TRACK } from '../../bundled_track.js';
import { byteText, durationText } from '../../wording.js';

const RATE_HZ = 48_000;

async function decode() {
  const answer = await fetch(new URL(BUNDLED_TRACK.address, new URL('../../', location.href)));
  if (!answer.ok) throw new Error(`The server answers ${answer.status}.`);
  return new OfflineAudioContext(2, 1, RATE_HZ).decodeAudioData(await answer.arrayBuffer());
}

async function withEffects(decoded) {
  const context = new OfflineAudioContext(2, decoded.length, RATE_HZ);
  const engine = await Engine.create(context);
  const node = await engine.createNode({
    effects: ['equalizer', 'limiter'],
    parameters: { 'equalizer.band2.gain': 4, 'equalizer.band9.gain': 3, 'limiter.ceiling': -1 },
  });
  const source = new AudioBufferSourceNode(context, { buffer: decoded });
  source.connect(node).connect(context.destination);
  source.start();
  const rendered = await context.startRendering();
  await engine.dispose();
  return rendered;
}

async function toWav(rendered) {
  const output = new Output({ format: new WavOutputFormat(), target: new BufferTarget() });
  const track = new AudioBufferSource({ codec: 'pcm-s24' });
  output.addAudioTrack(track);
  await output.start();
  await track.add(rendered);
  await output.finalize();
  return new Blob([output.target.buffer], { type: 'audio/wav' });
}

async function render() {
  byId('render').disabled = true;
  setText(byId('told'), 'Rendering …');
  try {
    const decoded = await decode();
    const begun = performance.now();
    const rendered = await withEffects(decoded);
    const seconds = (performance.now() - begun) / 1000;
    const file = await toWav(rendered);
    globalThis.example = { rendered, file };
    const address = URL.createObjectURL(file);
    byId('save').href = address;
    byId('preview').src = address;
    byId('result').hidden = false;
    byId('preview').hidden = false;
    setText(byId('told'), `${durationText(rendered.duration)} of sound in ${durationText(seconds)}: ${byteText(file.size)} of WAV.`);
  } catch (error) {
    setText(byId('told'), `${error.message} ${error.advice ?? ''}`);
  }
  byId('render').disabled = false;
}

byId('render').addEventListener('click', render);
