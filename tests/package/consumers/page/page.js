// What every consumer does with the package. The tests reach it as `consumer`; what crosses to them is plain data.
import { Engine } from 'rusty-audio';
import 'rusty-audio/hud';
import 'rusty-audio/spectrum';

const SAMPLE_RATE = 48_000;
const FRAMES = 1280;

const wait = (seconds) => new Promise((resolve) => { setTimeout(resolve, seconds * 1000); });

/** A quarter of a second of a sine as a file: mono, 16 bits. */
function sound() {
  const [frames, header] = [SAMPLE_RATE / 4, 44];
  const view = new DataView(new ArrayBuffer(header + 2 * frames));
  const words = [0x4646_4952, 36 + 2 * frames, 0x4556_4157, 0x2074_6d66, 16, 0x0001_0001, SAMPLE_RATE, 2 * SAMPLE_RATE, 0x0010_0002, 0x6174_6164, 2 * frames];
  words.forEach((word, index) => view.setUint32(4 * index, word, true));
  for (let n = 0; n < frames; n += 1) view.setInt16(header + 2 * n, 16_000 * Math.sin((2 * Math.PI * 1000 * n) / SAMPLE_RATE), true);
  return new Blob([view], { type: 'audio/wav' });
}

/** A ramp through a gain of a quarter, offline. */
async function rendered(options) {
  const context = new OfflineAudioContext(2, FRAMES, SAMPLE_RATE);
  const engine = await Engine.create(context, options);
  const node = await engine.createNode({ effects: ['gain'], parameters: { 'gain.gain': 0.25 } });
  const buffer = new AudioBuffer({ length: FRAMES, sampleRate: SAMPLE_RATE });
  buffer.getChannelData(0).forEach((_, frame, samples) => { samples[frame] = frame / FRAMES; });
  const source = new AudioBufferSourceNode(context, { buffer });
  source.connect(node).connect(context.destination);
  source.start();
  const samples = [...(await context.startRendering()).getChannelData(0)];
  await engine.dispose();
  return { samples, mode: engine.mode, modeReason: engine.modeReason };
}

/** A file through the decode worker, live; and a spectrum from a worker of the pool. */
async function played(options) {
  const context = new AudioContext({ sampleRate: SAMPLE_RATE });
  const engine = await Engine.create(context, options);
  const player = await engine.createPlayer();
  player.connect(context.destination);
  const { container, duration } = await player.load(sound());
  player.loop = true;
  await player.play();
  for (let tries = 0; player.telemetry.peakLeft < 0.4 && tries < 200; tries += 1) await wait(0.05);
  const { peakLeft } = player.telemetry;
  const { real } = await engine.computeFft(new Float32Array(64).fill(1));
  player.dispose();
  await engine.dispose();
  await context.close();
  return { container, duration, peakLeft, direct: real[0] };
}

/** Whether the elements found their styles. */
async function styled() {
  const elements = ['latency-hud', 'spectrum-view'].map((name) => document.body.appendChild(document.createElement(name)));
  const links = elements.map(({ shadowRoot }) => shadowRoot.querySelector('link'));
  for (let tries = 0; !links.every(({ sheet }) => sheet) && tries < 100; tries += 1) await wait(0.05);
  return links.map(({ sheet }) => sheet !== null);
}

window.consumer = {
  async run(options = {}) {
    try {
      return { ...(await rendered(options)), ...(await played(options)), styled: await styled() };
    } catch (error) {
      return { failed: `${error.code} ${error.message} ${error.advice} ${error.stack}`, code: error.code };
    }
  },
};
