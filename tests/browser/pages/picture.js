// Views of signals that are known. The tests reach it as `picture`; what crosses to them is plain data.

import { Engine, FIGURES } from '../package/index.js';
import '../package/spectrum/index.js';

const LEVEL_DB = -12;
const LIMIT_MS = 15_000;

const wait = (seconds) => new Promise((resolve) => { setTimeout(resolve, seconds * 1000); });
/** Resolves behind the next repaint, when all who draw in it have drawn, in whatever order they were asked. */
const frame = () => new Promise((resolve) => { requestAnimationFrame(() => setTimeout(resolve)); });

/** Waits for a condition, a picture at a time. */
async function until(condition, what) {
  const end = performance.now() + LIMIT_MS;
  for (;;) {
    const found = condition();
    if (found) return found;
    if (performance.now() > end) throw new Error(`after ${LIMIT_MS / 1000} s: ${what}`);
    await frame();
  }
}

// The page's devices, to be taken away. Absent where there is no WebGPU.
const devices = [];
if (globalThis.GPUAdapter) {
  const request = GPUAdapter.prototype.requestDevice;
  GPUAdapter.prototype.requestDevice = async function requestDevice(...given) {
    const device = await request.apply(this, given);
    devices.push(device);
    return device;
  };
}

const errors = [];
let context;
let engine;
let oscillator;
let tone;

/** Starts an engine, and a sine of −12 dBFS at 1 kHz in `tone`. */
async function start() {
  context = new AudioContext({ sampleRate: 48_000 });
  await context.resume();
  engine = await Engine.create(context);
  oscillator = new OscillatorNode(context, { frequency: 1000 });
  tone = new GainNode(context, { gain: 10 ** (LEVEL_DB / 20) });
  oscillator.connect(tone);
  oscillator.start();
  return { mode: engine.mode };
}

/** A view of `source` with attributes; resolves when it has drawn. */
async function show(attributes = {}, source = tone) {
  const view = document.createElement('spectrum-view');
  for (const [name, value] of Object.entries(attributes)) view.setAttribute(name, value);
  view.addEventListener('error', ({ detail }) => errors.push(`${detail.code}: ${detail.message}`));
  Object.assign(view, { engine, source });
  document.body.append(view);
  await until(() => view.statistics.frames > 3 && view.endFrame > 0, 'the view draws');
  return view;
}

const facts = (view) => ({ backend: view.backend, reason: view.backendReason, adapter: view.adapter, ...view.statistics, errors: [...errors] });

/** Where the plot's middle is, for the cursor. */
const plotOf = (view) => view.shadowRoot.querySelector('.plot');
const press = (view, key) => plotOf(view).dispatchEvent(new KeyboardEvent('keydown', { key, cancelable: true }));
const readingOf = (view) => view.shadowRoot.querySelector('.reading').textContent;

window.picture = {
  start,

  /** Draws for a while, and tells how. */
  async drawn(attributes) {
    const view = await show(attributes);
    await wait(0.3);
    const found = facts(view);
    view.remove();
    return found;
  },

  /** How long a picture takes by the view and by the monitor, and whether the adapter has timestamps. */
  async times() {
    const adapter = await navigator.gpu?.requestAdapter();
    const view = await show();
    await until(() => view.statistics.frames > 30, 'pictures are measured');
    const { cpuMilliseconds, gpuMilliseconds } = view.statistics;
    const values = new Float64Array(FIGURES.length);
    engine.monitor.readFigures(values);
    const told = ['pictureCpuMilliseconds', 'pictureGpuMilliseconds'].map((wanted) => values[FIGURES.findIndex(({ name }) => name === wanted)]);
    view.remove();
    const known = (value) => (Number.isNaN(value) ? null : value);
    return { view: [cpuMilliseconds, gpuMilliseconds].map(known), told: told.map(known), hasTimestamps: adapter?.features.has('timestamp-query') ?? false };
  },

  /** What each window and size says of a sine. */
  async readings(frequency, windows, sizes) {
    oscillator.frequency.value = frequency;
    const view = await show();
    const found = [];
    for (const window of windows) {
      for (const fftSize of sizes) {
        Object.assign(view, { window, fftSize });
        // All of the window hears the new tone.
        const heard = context.currentTime + fftSize / context.sampleRate + 0.15;
        await until(() => view.loudest && view.endFrame > heard * context.sampleRate, 'a tone is read');
        found.push({ window, fftSize, ...view.loudest });
      }
    }
    view.remove();
    oscillator.frequency.value = 1000;
    return found;
  },

  /** Where an impulse is first seen, and how old the view says that its sample is. */
  async impulses(count) {
    const impulse = new AudioBuffer({ length: 1, sampleRate: context.sampleRate });
    impulse.getChannelData(0)[0] = 1;
    const bus = new GainNode(context);
    const fftSize = 2048;
    const view = await show({ 'fft-size': String(fftSize), 'minimum-decibels': '-200' }, bus);
    const seen = [];
    for (let index = 0; seen.length < count; index += 1) {
      if (index >= 5 * count) throw new Error(`Of ${index} impulses ${seen.length} were seen: pictures are too rare here.`);
      await until(() => view.loudest === null, 'silence again');
      const when = Math.ceil((context.currentTime + 0.1 + 0.0137 * (index % count)) * context.sampleRate) / context.sampleRate;
      const source = new AudioBufferSourceNode(context, { buffer: impulse });
      source.connect(bus);
      source.start(when);
      // Where pictures are rarer than their spectra are long, an impulse may fall between two of them.
      const past = Math.round(when * context.sampleRate) + 2 * fftSize;
      let before;
      await until(() => {
        if (view.loudest || before >= past) return true;
        before = view.endFrame;
        return false;
      }, 'a picture of the impulse, or behind it');
      source.disconnect();
      if (!view.loudest) continue;
      const { endFrame, sampleAge } = view;
      // When the last repaint began: the view tells its age then, and draws.
      const begun = () => Math.round((context.currentTime - (performance.now() - document.timeline.currentTime) / 1000) * context.sampleRate);
      const drawn = begun();
      // When the next repaint begins, this picture has been shown.
      await frame();
      const shown = begun();
      const ends = [before, endFrame, view.endFrame];
      await frame();
      ends.push(view.endFrame);
      seen.push({ impulse: Math.round(when * context.sampleRate), ends, claimed: sampleAge * context.sampleRate, drawn, shown });
    }
    view.remove();
    return seen;
  },

  /** Takes the device away so many times, and tells how long each time it took until there was a picture again. */
  async devicesLost(count) {
    const view = await show();
    const times = [];
    for (let index = 0; index < count; index += 1) {
      const { frames } = view.statistics;
      const began = performance.now();
      devices.at(-1).destroy();
      await until(() => view.statistics.lostDevices === index + 1 && view.statistics.frames > frames + 2, 'the view draws again');
      times.push(performance.now() - began);
    }
    const node = await engine.createNode({ effects: ['gain'] });
    tone.connect(node);
    await wait(0.2);
    const found = { times, sound: node.telemetry.peakLeft, ...facts(view) };
    view.remove();
    tone.disconnect(node);
    node.dispose();
    return found;
  },

  /** A view without extent, and then with one. */
  async withoutExtent() {
    const view = await show();
    view.style.width = '0';
    await wait(0.3);
    view.style.width = '640px';
    view.style.height = '0';
    view.style.minHeight = '0';
    await wait(0.3);
    view.style.height = '';
    view.style.minHeight = '';
    const { frames } = view.statistics;
    await until(() => view.statistics.frames > frames + 3, 'the view draws again');
    const { width, height } = view.shadowRoot.querySelector('canvas');
    const found = { width, height, ...facts(view) };
    view.remove();
    return found;
  },

  /** A view that cannot be seen, since the page is scrolled elsewhere or it is not displayed. */
  async outOfSight() {
    const view = await show();
    const frames = [];
    for (const change of [() => { view.style.marginTop = '20000px'; }, () => { view.style.marginTop = ''; view.hidden = true; }]) {
      change();
      await wait(0.3);
      const before = view.statistics.frames;
      await wait(0.5);
      frames.push(view.statistics.frames - before);
    }
    view.hidden = false;
    const before = view.statistics.frames;
    await until(() => view.statistics.frames > before + 3, 'the view draws again');
    view.remove();
    return frames;
  },

  /** Pictures of a view that is there already, in so many seconds. */
  async framesIn(seconds, attributes = {}) {
    const view = await show(attributes);
    const { frames } = view.statistics;
    await wait(seconds);
    const drawn = view.statistics.frames - frames;
    view.remove();
    return drawn;
  },

  /** Leaves a view for tests that do something about the page. */
  async keep(attributes = {}) {
    window.kept?.remove();
    window.kept = await show(attributes);
  },

  /** Device pixels of the kept view's canvas, and colours of its gradient, once a picture has been drawn. */
  async keptLook() {
    const { frames } = window.kept.statistics;
    await until(() => window.kept.statistics.frames > frames + 3, 'the view draws');
    const { width, height } = window.kept.shadowRoot.querySelector('canvas');
    const style = getComputedStyle(plotOf(window.kept));
    return { width, height, colors: ['--low', '--high'].map((name) => style.getPropertyValue(name).trim()) };
  },

  keptFrames: () => ({ hidden: document.hidden, frames: window.kept.statistics.frames }),

  /** Two views at once. */
  async two() {
    const views = [await show({ view: 'area', channels: 'left-right' }), await show({ view: 'spectrogram', channels: 'mid-side', 'fft-size': '1024' })];
    await until(() => views.every((view) => view.statistics.frames > 10 && view.loudest), 'both draw');
    const found = views.map((view) => ({ ...facts(view), loudest: view.loudest }));
    views.forEach((view) => view.remove());
    return found;
  },

  /** Views that come and go; what the engine's nodes use of its memory after each. */
  async comings(count) {
    const used = [];
    for (let index = 0; index < count; index += 1) {
      const view = await show();
      view.remove();
      used.push(engine.memory().parts.nodes);
    }
    return { used, errors };
  },

  /** The cursor by keys, and what stops and goes on. */
  async keys() {
    const view = await show({ 'bands-per-octave': '3' });
    for (const key of ['Home', 'PageUp', 'PageUp', 'ArrowRight']) press(view, key);
    const reading = readingOf(view);
    const plot = plotOf(view);
    const spoken = plot.getAttribute('aria-valuetext');
    const value = plot.getAttribute('aria-valuenow');
    press(view, ' ');
    await wait(0.1);
    const { frames } = view.statistics;
    await wait(0.3);
    const stopped = view.statistics.frames - frames;
    press(view, ' ');
    await until(() => view.statistics.frames > frames + 3, 'the view draws again');
    press(view, 'Escape');
    const gone = readingOf(view);
    // Under the cursor at 1 kHz: 20·1000^x.
    const share = Math.log(1000 / 20) / Math.log(20_000 / 20);
    const { left, top, width, height } = view.shadowRoot.querySelector('canvas').getBoundingClientRect();
    plot.dispatchEvent(new PointerEvent('pointermove', { clientX: left + share * width, clientY: top + height / 2 }));
    const pointed = readingOf(view);
    await wait(1.3);
    const summary = view.shadowRoot.querySelector('[role=status]').textContent;
    view.remove();
    return { reading, spoken, value, stopped, gone, pointed, summary };
  },

  /** What axe has against a view. */
  async judged(attributes) {
    const view = await show(attributes);
    const { violations, passes } = await globalThis.axe.run(view);
    view.remove();
    return { violations: violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html)}`), passes: passes.length };
  },

  /** Properties and attributes. */
  async settings() {
    const view = document.createElement('spectrum-view');
    const initial = { view: view.view, fftSize: view.fftSize, weighting: view.weighting };
    view.setAttribute('fft-size', '1000');
    view.setAttribute('view', 'pie');
    const invalid = { view: view.view, fftSize: view.fftSize };
    view.fftSize = 2048;
    const code = (act) => {
      try {
        act();
      } catch (error) {
        return { code: error.code, message: error.message };
      }
      return null;
    };
    const refusals = [code(() => { view.fftSize = 1000; }), code(() => { view.view = 'pie'; }), code(() => { view.minimumDecibels = NaN; })];
    // What is not of one context cannot be listened to.
    const other = new OfflineAudioContext(1, 128, 48_000);
    const told = [];
    view.addEventListener('error', ({ detail }) => told.push(detail.code));
    Object.assign(view, { engine, source: new GainNode(other) });
    document.body.append(view);
    await until(() => told.length > 0, 'an error is told');
    view.remove();
    return { initial, invalid, attribute: view.getAttribute('fft-size'), refusals, told };
  },

  /** Settings that are right one by one and not together. */
  async contradiction() {
    const view = await show();
    Object.assign(view, { minimumDecibels: -10, maximumDecibels: -20 });
    await until(() => errors.length > 0, 'an error is told');
    const told = errors.splice(0);
    const { frames } = view.statistics;
    await until(() => view.statistics.frames > frames + 3, 'the view draws as before');
    view.minimumDecibels = -60;
    await until(() => view.shadowRoot.querySelector('svg').textContent.includes('\u221224'), 'the new range is drawn');
    view.remove();
    return { told, after: errors };
  },

  /** JavaScript's heap, after what is garbage has gone; Chromium with `--js-flags=--expose-gc`. */
  async heap(seconds) {
    const sizes = [];
    // Some of it goes a while later than the rest.
    for (let look = 0; look < 5; look += 1) {
      await wait(seconds / 5);
      globalThis.gc();
      sizes.push(performance.memory.usedJSHeapSize);
    }
    return Math.min(...sizes);
  },
};
