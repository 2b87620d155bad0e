// Web Audio applications that know nothing of us, and a monitor beside each.

// Before anything is loaded that asks for it: how often timers that repeat fire, and how often somebody posts to a worklet.
const calls = { timers: 0, messages: 0 };
const setPlainInterval = globalThis.setInterval;
globalThis.setInterval = (call, ...rest) => setPlainInterval(() => {
  calls.timers += 1;
  call();
}, ...rest);
const post = MessagePort.prototype.postMessage;
MessagePort.prototype.postMessage = function postMessage(...given) {
  calls.messages += 1;
  return post.apply(this, given);
};

const { close } = await import('./closing.js');
const { rebuild } = await import('./rebuild.js');
const { Engine, FIGURES, Monitor } = await import('/package/index.js');
await import('/package/hud/index.js');

const wait = (seconds) => new Promise((resolve) => { setTimeout(resolve, seconds * 1000); });

const script = (url) => new Promise((resolve, reject) => {
  document.head.append(Object.assign(document.createElement('script'), { src: url, onload: resolve, onerror: reject }));
});

/** A second of a tone as a file: mono, 16 bits. */
function tone() {
  const [rate, header] = [8_000, 44];
  const view = new DataView(new ArrayBuffer(header + 2 * rate));
  const words = [0x4646_4952, 36 + 2 * rate, 0x4556_4157, 0x2074_6d66, 16, 0x0001_0001, rate, 2 * rate, 0x0010_0002, 0x6174_6164, 2 * rate];
  words.forEach((word, index) => view.setUint32(4 * index, word, true));
  for (let n = 0; n < rate; n += 1) view.setInt16(header + 2 * n, 8_000 * Math.sin((2 * Math.PI * 200 * n) / rate), true);
  return URL.createObjectURL(new Blob([view], { type: 'audio/wav' }));
}

/** Each starts its sound and returns the context that it has. */
const applications = {
  bare() {
    const context = new AudioContext();
    const oscillator = new OscillatorNode(context, { frequency: 220 });
    const gain = new GainNode(context, { gain: 0.1 });
    oscillator.connect(gain).connect(context.destination);
    oscillator.start();
    return context;
  },

  async tone() {
    await script('/tone/Tone.js');
    const synth = new window.Tone.PolySynth(window.Tone.Synth).toDestination();
    new window.Tone.Loop((time) => synth.triggerAttackRelease(['C4', 'E4', 'G4'], '8n', time), '4n').start(0);
    window.Tone.getTransport().start();
    return window.Tone.getContext().rawContext;
  },

  async howler() {
    await script('/howler/howler.js');
    const sound = new window.Howl({ src: [tone()], format: ['wav'], loop: true, volume: 0.1 });
    await new Promise((resolve, reject) => {
      sound.once('load', resolve);
      sound.once('loaderror', (_, reason) => reject(new Error(String(reason))));
    });
    sound.play();
    return window.Howler.ctx;
  },
};

/** Longer than the audio thread of a machine at rest ever waits for its next callback. */
const LATE_MS = 20;

/**
 * A node that takes its time once, when it is told to. It tells when the time from one call to the next was long, the longest of those times,
 * and how far the context's clock fell behind the wall's at most, from where it had been in the seconds before.
 */
const STALLER = `registerProcessor('staller', class extends AudioWorkletProcessor {
  constructor() {
    super();
    this.until = 0;
    this.next = 0;
    this.forget();
    this.port.onmessage = ({ data }) => {
      if (data > 0) this.until = Date.now() + data;
      else this.port.postMessage({ step: this.step, rise: this.rise, late: this.late });
      this.forget();
    };
  }
  forget() {
    [this.last, this.step, this.rise, this.late] = [Date.now(), 0, 0, []];
    [this.since, this.low, this.lowBefore] = [this.last, Infinity, Infinity];
  }
  process(_, [[output]]) {
    const now = Date.now();
    this.step = Math.max(this.step, now - this.last);
    if (now - this.last > ${LATE_MS}) this.late.push(now);
    this.last = now;
    // Chromium tells an old frame now and then, but calls in every quantum.
    const frame = Math.max(currentFrame, this.next);
    this.next = frame + output.length;
    const lag = now - frame / sampleRate * 1000;
    if (now - this.since > 2000) [this.since, this.low, this.lowBefore] = [now, lag, this.low];
    this.low = Math.min(this.low, lag);
    this.rise = Math.max(this.rise, lag - Math.min(this.low, this.lowBefore));
    while (Date.now() < this.until);
    return true;
  }
});`;

let context;
let engine;
let monitor;
let staller;
let hud;

window.foreign = {
  /** With a `mode` there is an engine of ours in the application's context, and the monitor is its own. */
  async start(name, mode) {
    const theirs = await applications[name]();
    await theirs.resume();
    if (mode) engine = await Engine.create(theirs, { mode });
    monitor = engine?.monitor ?? await Monitor.attach(theirs);
    context = monitor.context;
    await context.audioWorklet.addModule(URL.createObjectURL(new Blob([STALLER], { type: 'text/javascript' })));
    staller = new AudioWorkletNode(context, 'staller');
    staller.connect(context.destination);
    return { state: context.state, sampleRate: context.sampleRate };
  },

  /** A display in place of the monitor, with one of its own. */
  async display() {
    monitor.close();
    hud = document.createElement('latency-hud');
    document.body.append(hud);
    await hud.attach(context);
    ({ monitor } = hud);
  },

  hide: (isHidden) => { hud.hidden = isHidden; },

  /** What has happened in so many seconds. */
  async callsIn(seconds) {
    const { timers, messages } = calls;
    await wait(seconds);
    return { timers: calls.timers - timers, messages: calls.messages - messages };
  },

  wait,

  /** Waits, and tells the lowest threshold of a gap in that time, in ms. */
  async lowestThreshold(seconds) {
    let lowest = Infinity;
    for (const end = performance.now() + seconds * 1000; performance.now() < end;) {
      await wait(0.1);
      lowest = Math.min(lowest, monitor.report().figures.gapThresholdMilliseconds ?? Infinity);
    }
    return lowest;
  },

  /** The same, while the page rebuilds its graph. */
  async lowestThresholdRebuilding(seconds) {
    const end = rebuild(context);
    const lowest = await window.foreign.lowestThreshold(seconds);
    end();
    return lowest;
  },

  stall(milliseconds) {
    staller.port.postMessage(milliseconds);
  },

  /** By a node that judges nothing, since the last time that this was asked: the longest step and the farthest rise in ms, and when it was late. */
  calls() {
    return new Promise((resolve) => {
      staller.port.onmessage = ({ data }) => resolve(data);
      staller.port.postMessage(0);
    });
  },

  read() {
    const values = new Float64Array(FIGURES.length);
    monitor.readFigures(values);
    return {
      figures: Object.fromEntries(FIGURES.map(({ name }, place) => [name, Number.isNaN(values[place]) ? null : values[place]])),
      state: monitor.state(),
      stats: context.playbackStats?.toJSON?.() ?? null,
    };
  },

  reset: () => monitor.reset(),
  report: () => monitor.report(),
  trace: () => monitor.trace(),
  suspend: () => context.suspend(),
  resume: () => context.resume(),

  async end() {
    hud?.remove();
    monitor.close();
    await close(context);
    await engine?.dispose();
  },
};
