// The measured round trip, and another one that judges it: clicks, once a second, that go to the loudspeaker at known frames and come
// in by the same node as the noise. The tests reach it as `roundTrip`; what crosses to them is plain data.

import { measureRoundTrip, rememberedRoundTrip } from '../package/index.js';
import '../package/hud/index.js';

const SAMPLE_RATE = 48_000;
const CLICK = [0.7, 0.7, 0.7];

const wait = (seconds) => new Promise((resolve) => { setTimeout(resolve, seconds * 1000); });

/** Every microphone that the page was given, and how late each of the next is given. */
const streams = [];
let asked = 0;
let lateness = 0;
const getUserMedia = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (constraints) => {
  asked += 1;
  const stream = await getUserMedia(constraints);
  streams.push(stream);
  await wait(lateness);
  return stream;
};

const context = new AudioContext({ sampleRate: SAMPLE_RATE });
const analyser = new AnalyserNode(context, { fftSize: 2048 });
const delay = new DelayNode(context, { maxDelayTime: 1 });
delay.connect(analyser).connect(context.destination);
const ready = context.audioWorklet.addModule(new URL('clicks.js', import.meta.url));

let firstClick;
let arrivals = [];
const { createMediaStreamSource } = context;
context.createMediaStreamSource = (stream) => {
  const source = createMediaStreamSource.call(context, stream);
  const clicks = new AudioWorkletNode(context, 'clicks');
  clicks.port.onmessage = ({ data }) => { arrivals.push(data); };
  source.connect(clicks);
  return source;
};

async function startClicks() {
  await ready;
  await context.resume();
  const buffer = new AudioBuffer({ length: SAMPLE_RATE, sampleRate: SAMPLE_RATE });
  buffer.copyToChannel(new Float32Array(CLICK), 0);
  const source = new AudioBufferSourceNode(context, { buffer, loop: true });
  source.connect(context.destination);
  firstClick = Math.ceil((context.currentTime + 0.2) * SAMPLE_RATE);
  source.start(firstClick / SAMPLE_RATE);
}

function isQuiet() {
  const samples = new Float32Array(analyser.fftSize);
  analyser.getFloatTimeDomainData(samples);
  return samples.every((sample) => sample === 0);
}

window.roundTrip = {
  /** Measures with the noise delayed; gives what comes of it, and the frames that each click took, which is not delayed. */
  async measure({ delaySeconds = 0, clicks = false, abort, ...options } = {}) {
    if (clicks && firstClick === undefined) await startClicks();
    delay.delayTime.value = delaySeconds;
    arrivals = [];
    const controller = new AbortController();
    if (abort) this[abort]().then(() => controller.abort());
    const measuring = measureRoundTrip(context, { volumeIsLow: true, destination: delay, signal: controller.signal, ...options });
    const outcome = await measuring.then(
      (result) => ({ result }),
      ({ name, code, message, advice }) => ({ error: { name, code, message, advice } }),
    );
    return { ...outcome, clicks: arrivals.map((frame) => (frame - firstClick) % SAMPLE_RATE) };
  },

  /** Waits until the noise is heard in what goes to the loudspeaker. */
  async heard() { while (isQuiet()) await wait(0.02); },

  /** Waits until it is not. */
  async quiet() { while (!isQuiet()) await wait(0.02); },

  /** Waits until a microphone was asked for. */
  async asked() { while (asked === 0) await wait(0.02); },

  /** From now on each microphone is given so late. */
  late(seconds) { lateness = seconds; },

  /** How often a microphone was asked for, and the states of the tracks that were given. */
  microphones: () => ({ asked, states: streams.flatMap((stream) => stream.getTracks().map(({ readyState }) => readyState)) }),

  /** Has a display measure that watches the context, and tells what it says then: in words, and as its figure. */
  async display() {
    const hud = document.createElement('latency-hud');
    hud.size = 'full';
    document.body.append(hud);
    await hud.attach(context);
    const row = hud.shadowRoot.querySelector('[data-row=roundTrip]');
    for (const label of ['Measure', 'The volume is low']) [...row.querySelectorAll('button')].find(({ textContent }) => textContent === label).click();
    while (!row.querySelector('progress').hidden) await wait(0.05);
    const said = row.querySelector('[role=status]').textContent;
    const [number] = said.match(/^[\d.]+(?= ms )/) ?? [];
    while (number && row.querySelector('[data-figure] .number').textContent !== number) await wait(0.05);
    hud.monitor = null;
    hud.remove();
    return said;
  },

  remembered: () => rememberedRoundTrip(context),

  /** How an offline context is answered. */
  offline: () => measureRoundTrip(new OfflineAudioContext(1, 128, SAMPLE_RATE), { volumeIsLow: true }).then(() => null, ({ code }) => code),

  /** Takes local storage away, as a person does who blocks cookies. */
  blockStorage() {
    Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('The operation is insecure.', 'SecurityError'); } });
  },
};
