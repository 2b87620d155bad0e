// Readers of what an analyser keeps. The tests reach it as `spectrum`; what crosses to them is plain data.

import { Engine } from '../package/index.js';
import { close } from './closing.js';
import { rebuild } from './rebuild.js';

const SAMPLE_RATE = 48_000;

/** As many frames as the longest transform takes, and some more. */
const FRAMES = 40_064;

/** A step of the ramp: so that each of its samples is another number, and all are exact. */
const STEP = 2 ** -22;

const wait = (seconds) => new Promise((resolve) => { setTimeout(resolve, seconds * 1000); });

const decibels = (value) => 10 * Math.log10(value);

/** The workers that a page has started, for one to be ended from outside. */
const workers = [];
window.Worker = class extends Worker {
  constructor(...given) {
    super(...given);
    workers.push(this);
  }
};

/** Looks until a reader has something, as a picture would; null after ten seconds. */
async function next(read) {
  for (let looks = 0; looks < 1000; looks += 1) {
    if (read()) return true;
    await wait(0.01);
  }
  return null;
}

function buffer(frames, ...channels) {
  const made = new AudioBuffer({ length: frames, numberOfChannels: channels.length, sampleRate: SAMPLE_RATE });
  channels.forEach((sample, channel) => made.getChannelData(channel).forEach((_, n, samples) => { samples[n] = sample(n); }));
  return made;
}

const sine = (amplitude, frequency) => (n) => amplitude * Math.sin((2 * Math.PI * frequency * n) / SAMPLE_RATE);

/** The bits of an array in one number (FNV-1a, word by word). */
const hash = (samples) => new Uint32Array(samples.buffer).reduce((sum, word) => Math.imul(sum ^ word, 0x0100_0193) >>> 0, 0x811c_9dc5);

/** The loudest bin of a plane, and its level. */
function peak(power, binCount, plane) {
  const bins = power.subarray(plane * binCount, (plane + 1) * binCount);
  const bin = bins.reduce((most, value, n) => (value > bins[most] ? n : most), 0);
  return { bin, level: decibels(bins[bin]) };
}

/** Everything that a reader can read of a context that stands still. */
async function readAll(node, options) {
  const reader = node.createSpectrumReader(options);
  const { binCount, fftSize } = reader;
  const [power, frames] = [new Float32Array(2 * binCount), new Float32Array(2 * fftSize)];
  const before = reader.endFrame;
  const read = await next(() => reader.readPower(power));
  const powerEnd = reader.endFrame;
  await next(() => reader.readFrames(frames));
  const framesEnd = reader.endFrame;
  // Nothing goes on, so nothing is new.
  let again = 0;
  for (let looks = 0; looks < 10; looks += 1) {
    again += reader.readPower(power) + reader.readFrames(frames);
    await wait(0.01);
  }
  reader.close();
  // Whoever wants plane 0 alone gets the same.
  const other = node.createSpectrumReader(options);
  const first = new Float32Array(binCount);
  await next(() => other.readPower(first));
  other.close();
  const isFirst = first.every((value, bin) => value === power[bin]);
  return { read, before, powerEnd, framesEnd, again, isFirst, frames, power, binCount, shape: reader.windowShape };
}

/** Renders a sound through an analyser offline, connected or as a mere tap, and reads what it kept at the end. */
async function offline({ source, parameters, effects = ['analyser'], tapped = false, look }) {
  const context = new OfflineAudioContext(2, FRAMES, SAMPLE_RATE);
  const engine = await Engine.create(context, { workers: 2 });
  const node = await engine.createNode({ effects, parameters });
  const player = new AudioBufferSourceNode(context, { buffer: source });
  player.connect(node);
  if (tapped) player.connect(context.destination);
  else node.connect(context.destination);
  player.start();
  const rendered = await context.startRendering();
  const seen = await look(node, rendered, engine);
  node.dispose();
  await engine.dispose();
  return seen;
}

/** A live context with a sound that goes into an analyser and nowhere else. */
async function live(act, { source = buffer(SAMPLE_RATE, sine(0.25, 1_000), sine(0.125, 3_000)), parameters, effects = ['analyser'], ...options } = {}) {
  const context = new AudioContext({ sampleRate: SAMPLE_RATE });
  const engine = await Engine.create(context, { memoryMebibytes: 32, ...options });
  const node = await engine.createNode({ effects, parameters });
  const player = new AudioBufferSourceNode(context, { buffer: source, loop: true });
  player.connect(node);
  await context.resume();
  // At a quantum that is certainly still to come.
  const start = Math.ceil((context.currentTime + 0.5) * SAMPLE_RATE / 1024) * 1024;
  player.start(start / SAMPLE_RATE);
  try {
    return await act({ context, engine, node, start });
  } finally {
    await close(context);
    await engine.dispose();
  }
}

/** Looks for a spectrum in which the sound of `live` has its level; whether it came. */
async function sounds(reader, power) {
  for (let looks = 0; looks < 500; looks += 1) {
    if (await next(() => reader.readPower(power)) === null) return false;
    if (Math.abs(peak(power, reader.binCount, 0).level - decibels(0.25 ** 2)) < 0.1) return true;
  }
  return false;
}

const thrown = (act) => {
  try {
    act();
    return null;
  } catch ({ code, message }) {
    return { code, message };
  }
};

window.spectrum = {
  mode: async () => (await Engine.create(new OfflineAudioContext(2, 128, SAMPLE_RATE))).mode,

  /** A sine of −12 dBFS at 1 kHz, left, and of −24 dBFS, right: what each size and window reads of it, and all bits of that in a hash. */
  levels: (sizes, windows) => offline({
    source: buffer(FRAMES, sine(10 ** (-12 / 20), 1_000), sine(10 ** (-24 / 20), 1_000)),
    async look(node, rendered) {
      const seen = [];
      for (const fftSize of sizes) {
        for (const window of windows) {
          const { frames, power, binCount, shape, ...rest } = await readAll(node, { fftSize, window });
          const from = rest.framesEnd - fftSize;
          const kept = [0, 1].every((plane) => frames.subarray(plane * fftSize, (plane + 1) * fftSize)
            .every((sample, n) => sample === rendered.getChannelData(plane)[from + n]));
          seen.push({
            fftSize, window, ...rest, kept, hash: hash(power), peaks: [0, 1].map((plane) => peak(power, binCount, plane)),
            shape: { length: shape.length, middle: shape[128], first: shape[0], quarter: shape[64] },
          });
        }
      }
      return { seen, length: rendered.length };
    },
  }),

  /** The same node as a tap: connected to nothing. */
  tapped: () => offline({
    source: buffer(FRAMES, sine(0.25, 1_000), sine(0.25, 1_000)),
    tapped: true,
    async look(node) {
      const { power, binCount, powerEnd } = await readAll(node, { fftSize: 4096 });
      return { powerEnd, ...peak(power, binCount, 0) };
    },
  }),

  /** Two sines, one in the middle, one at the sides. */
  middleAndSide() {
    const [low, high] = [sine(0.25, 1_500), sine(0.125, 6_000)];
    return offline({
      source: buffer(FRAMES, (n) => low(n) + high(n), (n) => low(n) - high(n)),
      effects: [{ effect: 'gain' }, { effect: 'analyser', name: 'picture', maximumFftSize: 4096 }],
      parameters: { 'picture.midSide': 1 },
      async look(node) {
        const { power, binCount } = await readAll(node, { effect: 'picture', fftSize: 4096, window: 'blackman-harris' });
        return [0, 1].map((plane) => peak(power, binCount, plane));
      },
    });
  },

  /** Live, and nowhere connected: a ramp tells of each frame which it is, also while the page rebuilds its graph. */
  async ramp({ rebuilds = false, fftSize = 512 } = {}) {
    const source = buffer(8 * SAMPLE_RATE, (n) => n * STEP, (n) => -n * STEP);
    return live(async ({ context, node, start }) => {
      const reader = node.createSpectrumReader({ fftSize });
      const frames = new Float32Array(2 * fftSize);
      const seen = [];
      const end = rebuilds ? rebuild(context) : null;
      while (seen.length < 20) {
        if (await next(() => reader.readFrames(frames)) === null) break;
        const first = reader.endFrame - fftSize;
        // WebKit places a start between two samples, as far off as its arithmetic is: the zero that is due at `start` may be 2e-18.
        if (first <= start) continue;
        const right = [0, 1].every((plane) => frames.subarray(plane * fftSize, (plane + 1) * fftSize)
          .every((sample, n) => sample === (plane ? -1 : 1) * ((first + n - start) % source.length) * STEP));
        const fewer = new Float32Array(2 * 3);
        await next(() => reader.readFrames(fewer));
        const last = reader.endFrame - 1;
        seen.push({ right, newer: last >= first + fftSize, last: fewer[2] === ((last - start) % source.length) * STEP && fewer[5] === -fewer[2] });
      }
      end?.();
      return seen;
    }, { source });
  },

  /** Live: spectra follow each other, and their frames go on. */
  goesOn: () => live(async ({ context, node }) => {
    const reader = node.createSpectrumReader({ fftSize: 2048, window: 'flat-top' });
    const power = new Float32Array(2 * reader.binCount);
    const heard = await sounds(reader, power);
    const ends = [];
    while (ends.length < 10 && await next(() => reader.readPower(power))) ends.push(reader.endFrame);
    const levels = [0, 1].map((plane) => peak(power, reader.binCount, plane));
    return { heard, ends, levels, now: context.currentTime * SAMPLE_RATE };
  }),

  /** Workers are ended while spectra are read. Returns how many spectra came after each end, and whether they are right. */
  killed: () => live(async ({ engine, node }) => {
    const reader = node.createSpectrumReader({ fftSize: 8192, window: 'flat-top' });
    const power = new Float32Array(2 * reader.binCount);
    const seen = [await sounds(reader, power)];
    for (const round of [0, 1, 2]) {
      // The pool's in shared mode, in solo mode the one that computes spectra, which was started last.
      if (!engine.killWorker(round % 2)) workers.at(-1).terminate();
      let read = 0;
      while (read < 20 && await next(() => reader.readPower(power))) read += 1;
      seen.push(read === 20 && await sounds(reader, power));
    }
    return seen;
  }, { workers: 2 }),

  /** A worker hangs over another job for ever; spectra go on. */
  hung: () => live(async ({ engine, node }) => {
    const reader = node.createSpectrumReader({ fftSize: 8192, window: 'flat-top' });
    const power = new Float32Array(2 * reader.binCount);
    const heard = await sounds(reader, power);
    const job = engine.submit({ kind: 'test', seed: 1, slices: 8, fault: 'hang' });
    let read = 0;
    while (read < 30 && await next(() => reader.readPower(power))) read += 1;
    await job;
    return { heard, read, again: await sounds(reader, power) };
  }, { workers: 1 }),

  /** More readers than there is room for at a time, each with a size or a window of its own; and tasks of the page beside them, also while nobody fetches. */
  many: () => live(async ({ engine, node }) => {
    const readers = [512, 1024, 2048].flatMap((fftSize) => ['hann', 'hamming', 'blackman-harris', 'flat-top'].map((window) => node.createSpectrumReader({ fftSize, window })));
    const powers = readers.map(({ binCount }) => new Float32Array(2 * binCount));
    const counts = readers.map(() => 0);
    await sounds(readers[11], powers[11]);
    for (let looks = 0; looks < 1000 && Math.min(...counts) < 10; looks += 1) {
      readers.forEach((reader, index) => { counts[index] += reader.readPower(powers[index]); });
      await wait(0.01);
    }
    const right = readers.map((reader, index) => peak(powers[index], reader.binCount, 0).bin === Math.round((1_000 * reader.fftSize) / SAMPLE_RATE));
    const tasks = await Promise.race([Promise.all(Array.from({ length: 20 }, () => engine.computeFft(new Float32Array(1024)))), wait(10)]);
    await wait(1);
    const late = readers.map((reader, index) => reader.readPower(powers[index]));
    return { counts, right, tasks: tasks?.length, late };
  }, { workers: 2 }),

  /** The audio thread fails: readers go on with their node, at last in solo mode. */
  adopted: (times) => live(async ({ context, engine, node }) => {
    const reader = node.createSpectrumReader({ fftSize: 1024, window: 'flat-top' });
    const power = new Float32Array(2 * reader.binCount);
    const frames = new Float32Array(2 * 128);
    const seen = [{ mode: engine.mode, sounds: await sounds(reader, power) }];
    for (let round = 0; round < times; round += 1) {
      const recovered = new Promise((resolve) => { node.addEventListener('recovered', resolve, { once: true }); });
      const before = context.currentTime * SAMPLE_RATE;
      node.port.postMessage({ type: 'fault', kind: 1 });
      while (await Promise.race([recovered, wait(0.01)]) === undefined) reader.readPower(power);
      let again = await sounds(reader, power);
      // One that was on its way is still of the time before.
      for (let looks = 0; reader.endFrame <= before && looks < 100; looks += 1) again = await sounds(reader, power);
      const goesOn = reader.endFrame > before && reader.endFrame <= context.currentTime * SAMPLE_RATE + SAMPLE_RATE;
      await next(() => reader.readFrames(frames));
      seen.push({ mode: engine.mode, sounds: again, goesOn, frames: frames.some((sample) => sample !== 0) });
    }
    return seen;
  }),

  /** Reads after everything has an end. */
  async ended() {
    const seen = {};
    await live(async ({ node }) => {
      const readers = [0, 1].map(() => node.createSpectrumReader());
      const [power, frames] = [new Float32Array(2 * readers[0].binCount), new Float32Array(256)];
      for (const reader of readers) await next(() => reader.readPower(power));
      const read = async (reader) => {
        let count = 0;
        for (let looks = 0; looks < 20; looks += 1) {
          count += reader.readPower(power) + reader.readFrames(frames);
          await wait(0.01);
        }
        return count;
      };
      readers[0].close();
      readers[0].close();
      seen.closed = await read(readers[0]);
      seen.other = await read(readers[1]);
      node.dispose();
      seen.disposed = await read(readers[1]);
      seen.late = thrown(() => node.createSpectrumReader());
    });
    await live(async ({ engine, node }) => {
      const reader = node.createSpectrumReader();
      const power = new Float32Array(2 * reader.binCount);
      await next(() => reader.readPower(power));
      await engine.dispose();
      seen.engine = [await wait(0.1), reader.readPower(power), reader.readPower(power), reader.readFrames(power.subarray(0, 256))].slice(1);
      seen.lateEngine = thrown(() => node.createSpectrumReader());
      reader.close();
    });
    return seen;
  },

  /** What each wrong call throws. */
  refusals: () => offline({
    source: buffer(FRAMES, () => 0),
    effects: ['gain', { effect: 'analyser', maximumFftSize: 5_000 }, { effect: 'analyser', name: 'picture' }],
    async look(node, _, engine) {
      const make = (options) => thrown(() => node.createSpectrumReader(options));
      const reader = node.createSpectrumReader({ fftSize: 1024 });
      const plain = await engine.createNode({ effects: ['gain'] });
      return {
        effect: make({ effect: 'gain' }),
        plain: thrown(() => plain.createSpectrumReader()),
        window: make({ window: 'boxcar' }),
        long: make({ fftSize: 16_384 }),
        longest: make({ fftSize: 8192 }),
        other: make({ effect: 'picture', fftSize: 32_768 }),
        short: make({ fftSize: 256 }),
        odd: make({ fftSize: 1000 }),
        broken: make({ fftSize: 1024.5 }),
        text: make({ fftSize: 'many' }),
        power: thrown(() => reader.readPower(new Float32Array(1024))),
        frames: thrown(() => reader.readFrames(new Float32Array(2050))),
        oddFrames: thrown(() => reader.readFrames(new Float32Array(3))),
        none: thrown(() => reader.readFrames(new Float32Array(0))),
        defaults: (({ fftSize, window, binCount, endFrame }) => ({ fftSize, window, binCount, endFrame }))(node.createSpectrumReader()),
      };
    },
  }),
};
