// A stage for the suites: an engine, and decks of a player with a capture node behind it.
//
// The tests reach it as `stage`. Whatever crosses to them is plain data.

class Capture {
  constructor(context) {
    this.chunks = [];
    this.node = new AudioWorkletNode(context, 'capture', { outputChannelCount: [2] });
    this.node.port.onmessage = ({ data }) => {
      if (data === 'started') this.started();
      else if (data === 'stopped') this.stopped();
      else this.chunks.push(data);
    };
  }

  /** Resolves when it records: a command in shared memory may overtake a message. */
  start() {
    this.chunks = [];
    return new Promise((resolve) => {
      this.started = resolve;
      this.node.port.postMessage('start');
    });
  }

  /** Ends the recording and posts it to `letters/NAME`: all of left, then all of right. */
  async send(name) {
    await new Promise((resolve) => {
      this.stopped = resolve;
      this.node.port.postMessage('stop');
    });
    const parts = [...this.chunks.map(({ left }) => left), ...this.chunks.map(({ right }) => right)];
    this.chunks = [];
    await fetch(new URL(`/letters/${name}`, location.href), { method: 'POST', body: new Blob(parts) });
  }
}

const watched = [
  'loadedmetadata', 'durationchange', 'trackchange', 'queuechange', 'play', 'playing', 'pause', 'seeking', 'seeked', 'waiting', 'ended', 'volumechange', 'error',
  'recovered',
];

const plainError = (error) => ({ code: error.code, message: error.message, advice: error.advice, name: error.name });

class Deck {
  constructor(player, capture) {
    this.player = player;
    this.capture = capture;
    this.events = [];
    for (const type of watched) {
      player.addEventListener(type, (event) => {
        this.events.push({ type, error: type === 'error' ? { ...plainError(event.detail), track: event.detail.track?.name ?? event.detail.track } : undefined });
      });
    }
  }

  /** Waits for the next event of a type; `seconds` bounds the wait. */
  event(type, seconds = 30) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no ${type} event within ${seconds} s; there were: ${this.events.map((event) => event.type)}`)), seconds * 1000);
      this.player.addEventListener(type, () => {
        clearTimeout(timer);
        resolve();
      }, { once: true });
    });
  }

  /** Errors reported by events so far. */
  get errors() {
    return this.events.filter(({ type }) => type === 'error').map(({ error }) => error);
  }

  /** Harms the audio thread: 1 unreachable, 2 out of bounds, 3 stack overflow, 4 division by zero. Resolves with the recovery. */
  async harm(kind) {
    const recovered = new Promise((resolve) => {
      this.player.addEventListener('recovered', ({ detail }) => resolve({ ...detail }), { once: true });
    });
    this.player.port.postMessage({ type: 'fault', kind });
    return Promise.race([recovered, stage.wait(15).then(() => { throw new Error(`no recovery within 15 s; there were: ${this.events.map((event) => event.type)}`); })]);
  }

  /** Waits until `property` of the track that plays is `value`. */
  async trackHas(property, value, seconds = 30) {
    const end = performance.now() + seconds * 1000;
    while (this.player.track[property] !== value) {
      if (performance.now() > end) throw new Error(`${property} of ${this.player.track.name} is ${this.player.track[property]} after ${seconds} s, not ${value}`);
      await stage.wait(0.05);
    }
  }

  /** Waits until so much of the track, or nearly all of it, is decoded ahead of what is heard. */
  async isAhead(seconds) {
    const { player } = this;
    const wanted = Math.min(seconds, 0.9 * player.duration) * stage.context.sampleRate;
    for (const end = performance.now() + 20_000; player.telemetry.bufferedFrames < wanted;) {
      if (performance.now() > end) throw new Error(`${player.telemetry.bufferedFrames} frames are ahead after 20 s, not ${wanted}`);
      await stage.wait(0.05);
    }
  }

  facts() {
    const { telemetry, track, currentFrame, currentTime, duration, paused, ended } = this.player;
    return {
      telemetry: { ...telemetry }, currentFrame, currentTime, duration, paused, ended,
      track: track && {
        name: track.name, container: track.container, codec: track.codec, channels: track.channels, sampleRate: track.sampleRate, duration: track.duration,
        durationExact: track.durationExact, gapless: track.gapless, seek: track.seek, notes: [...track.notes],
        receivedBytes: track.receivedBytes, totalBytes: track.totalBytes,
      },
    };
  }
}

window.stage = {
  decks: [],

  wait: (seconds) => new Promise((resolve) => { setTimeout(resolve, seconds * 1000); }),

  /** Blocks this thread. */
  block(seconds) {
    const end = performance.now() + seconds * 1000;
    while (performance.now() < end);
  },

  /** Creates context, engine and `decks` players; returns how the engine runs. */
  async start({ sampleRate = 44_100, decks = 1, ...options } = {}) {
    const { Engine } = await import('../package/index.js');
    this.Engine = Engine;
    this.context = new AudioContext({ sampleRate });
    await this.context.audioWorklet.addModule(new URL('capture.js', import.meta.url));
    this.engine = await Engine.create(this.context, options);
    for (let index = 0; index < decks; index += 1) await this.addDeck();
    return { mode: this.engine.mode, modeReason: this.engine.modeReason, workers: this.engine.workers.length, sampleRate: this.context.sampleRate };
  },

  async addDeck(options) {
    const capture = new Capture(this.context);
    const player = await this.engine.createPlayer(options);
    player.connect(capture.node).connect(this.context.destination);
    this.decks.push(new Deck(player, capture));
  },

  /** An impulse response of decaying noise, the same each time. */
  response(frames) {
    const buffer = this.context.createBuffer(2, frames, this.context.sampleRate);
    let state = 1;
    for (const channel of [0, 1]) {
      const plane = buffer.getChannelData(channel);
      for (let n = 0; n < frames; n += 1) {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        plane[n] = (state / 2 ** 32 - 0.5) * Math.exp((-5 * n) / frames) * 0.05;
      }
    }
    return buffer;
  },

  /**
   * Has at least `count` workers die: two of three by a fault in the middle of a job, the others by the browser, at any moment.
   * Returns how long each replacement took, in ms, how many had a job for certain, and what the jobs resulted in.
   */
  async killWorkers(count, seed = 1) {
    const faults = ['unreachable', 'outOfBounds', 'stackOverflow', 'divisionByZero', 'hang'];
    let state = seed;
    const random = (limit) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * limit);
    };
    const restarts = this.engine.workers.map(() => 0);
    const milliseconds = [];
    const look = () => this.engine.workers.forEach((worker, index) => {
      if (worker.restarts === restarts[index] || worker.state !== 'working') return;
      restarts[index] = worker.restarts;
      milliseconds.push(worker.replacementMilliseconds);
    });
    const began = performance.now();
    const values = [];
    for (let kill = 0; milliseconds.length < count; kill += 1) {
      if (performance.now() > began + 1000 * count) throw new Error(`only ${milliseconds.length} workers were replaced: ${JSON.stringify(this.engine.workers)}`);
      await this.wait(0.05 + random(150) / 1000);
      if (kill % 3 === 0) {
        this.engine.killWorker(random(restarts.length));
      } else {
        values.push((await this.engine.submit({ kind: 'test', seed: 9, slices: 4, fault: faults[kill % faults.length] })).value);
      }
      look();
    }
    return { milliseconds, claiming: values.length, values: [...new Set(values)] };
  },

  /**
   * Gives each worker a job in whose midst `fault` befalls it, and again until a job of the audio thread was late: others take the
   * worker's place so soon that often none is.
   */
  async befallWorkers(fault) {
    for (let times = 0; times < 40 && !(this.monitor.report().figures.jobsLate > 0); times += 1) {
      await Promise.all(this.engine.workers.map((_, seed) => this.engine.submit({ kind: 'test', seed, slices: 2, fault })));
      await this.wait(0.5);
    }
  },

  /** What a promise is rejected with, as plain data; null when it is fulfilled. */
  async failure(promise) {
    try {
      await promise;
      return null;
    } catch (error) {
      return plainError(error);
    }
  },

  /** What the browser itself reports of underruns, or null. */
  underruns() {
    const stats = this.context.playbackStats;
    return stats ? { events: stats.underrunEvents ?? stats.fallbackFramesEvents, duration: stats.underrunDuration ?? stats.fallbackFramesDuration } : null;
  },

  /** Starts `count` workers that never rest. */
  busy(count) {
    this.busyWorkers = Array.from({ length: count }, () => new Worker(new URL('busy.js', import.meta.url)));
  },

  rest() {
    for (const worker of this.busyWorkers) worker.terminate();
  },
};
