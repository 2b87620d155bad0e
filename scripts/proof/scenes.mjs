// The corpus of the instruction counts: scenes that the audio thread or a worker goes through, each a list of counts, one
// for each render quantum or turn.
const PAGES = 512;
const SAMPLE_RATE = 48_000;
const RING_FRAMES = 32_768;
const QUANTUM_FRAMES = 128;
const QUANTUM_MS = (1000 * QUANTUM_FRAMES) / SAMPLE_RATE;
const MAX_QUANTUM_FRAMES = 4096;
const CONTROL_FRAMES = 32;
const PLAN_ROW_WORDS = 7;
const STAGING_FRAMES = 4096;
const RESPONSE_FRAMES = 8192;
/** Quanta after which the audio thread trusts a pool that just came to life. */
const SETTLING_QUANTA = 1000;

const FOLLOW = 0;
const NOW = 1;

const FFT = 0;
const AUDIO_BLOCK = 1;
const TEST = 3;
const INTERACTIVE = 1;
const DONE = 2;

/** One engine over an instance of a module that counts its instructions: a pool, and a node with the effects named. */
class Engine {
  constructor(module, { effects = ['gain'], source = true } = {}) {
    this.memory = new WebAssembly.Memory({ initial: PAGES, maximum: 16_384, shared: true });
    this.exports = new WebAssembly.Instance(module, { env: { memory: this.memory } }).exports;
    const { exports } = this;
    this.arena = exports.controller_open();
    [this.pool, this.dispatcher, ...this.workers] = this.words(exports.controller_pool(this.arena, SAMPLE_RATE), 18);
    const plan = this.plan(effects);
    const ringFrames = source ? RING_FRAMES : 0;
    const node = exports.controller_node(this.arena, plan, effects.length, SAMPLE_RATE, ringFrames);
    [this.controller, this.processor, this.feeder] = this.words(node, 3);
    this.width = effects.reduce((sum, _, place) => sum + exports.controller_parameter_count(plan, place), 0);
    const points = MAX_QUANTUM_FRAMES / CONTROL_FRAMES + 1;
    this.values = new Float32Array(this.memory.buffer, exports.rt_values(this.processor), points * this.width);
    this.names = effects.flatMap((effect, place) => {
      const count = exports.controller_parameter_count(plan, place) - 1;
      return [...this.table.find(({ name }) => name === effect).parameters.slice(0, count), 'bypass'].map((name) => `${effect}.${name}`);
    });
    this.fed = 0;
    this.frame = 0;
    this.nowMs = 0;
  }

  /** The effects' numbers, where the next node is built from. */
  plan(effects) {
    const { exports } = this;
    this.table = this.readTable();
    const plan = exports.controller_plan(this.arena);
    effects.forEach((effect, place) => {
      const number = this.table.findIndex(({ name }) => name === effect);
      if (number < 0) throw new Error(`there is no effect ${effect}`);
      new Uint32Array(this.memory.buffer, exports.controller_plan_rows(plan), PLAN_ROW_WORDS * (place + 1))[PLAN_ROW_WORDS * place] = number;
    });
    return plan;
  }

  /** Names of the effects, and of each one's parameters. */
  readTable() {
    let place = this.exports.controller_effects(this.arena) / 4;
    const words = new Uint32Array(this.memory.buffer);
    const next = () => words[place++];
    const text = (address, length) => new TextDecoder().decode(new Uint8Array(this.memory.buffer, address, length).slice());
    return Array.from({ length: next() }, () => {
      const [name, parameters, settings, readings] = [text(next(), next()), next(), next(), next()];
      const items = Array.from({ length: parameters + settings + readings }, () => {
        const item = text(next(), next());
        place += 4;
        return item;
      });
      return { name, parameters: items.slice(0, parameters) };
    });
  }

  /** Sets an AudioParam for all control points to come. */
  set(name, value) {
    const column = this.names.indexOf(name);
    if (column < 0) throw new Error(`there is no parameter ${name}`);
    for (let place = column; place < this.values.length; place += this.width) this.values[place] = value;
  }

  words(address, count) {
    if (address <= 0) throw new Error(`the engine found no room: ${address}`);
    return new Uint32Array(this.memory.buffer, address, count).slice();
  }

  /** A job of the main thread, whose input is filled. Returns its ticket. */
  reserve(kind, a, b, c, samples) {
    const { exports } = this;
    const ticket = exports.controller_reserve_job(this.pool, kind, a, b, c);
    const input = new Float32Array(this.memory.buffer, exports.controller_job_input(this.pool, ticket), samples);
    for (let n = 0; n < samples; n += 1) input[n] = Math.sin(n * 0.05) * Math.exp(-n / 3000) / 8;
    return ticket;
  }

  /** Gives the first effect, a convolver, its response. */
  putResponse() {
    const ticket = this.reserve(FFT, 32, 0, 0, 2 * RESPONSE_FRAMES);
    const place = this.exports.controller_put_response(this.pool, ticket, RESPONSE_FRAMES);
    this.exports.controller_release_job(this.pool, ticket);
    if (place < 0) throw new Error(`the shelf found no room: ${place}`);
    this.succeed(this.exports.controller_tell(this.controller, 0, place));
    this.set('convolver.wet', 0.5);
    return this;
  }

  /** A segment begins. */
  begin(epoch, join, frame = 0) {
    this.succeed(this.exports.feeder_begin(this.feeder, epoch, 1, frame, join, 0));
  }

  end() {
    this.succeed(this.exports.feeder_end(this.feeder));
  }

  play() {
    this.succeed(this.exports.controller_play(this.controller));
  }

  pause() {
    this.succeed(this.exports.controller_pause(this.controller));
  }

  succeed(result) {
    if (result !== 1) throw new Error('a call of the engine found no room');
  }

  /** Feeds up to `frames` frames of a sum of sines, as many as find room. */
  feed(frames) {
    for (let left = frames; left > 0;) {
      const count = Math.min(left, STAGING_FRAMES);
      for (const channel of [0, 1]) {
        const address = this.exports.feeder_staging(this.feeder, channel);
        const staging = new Float32Array(this.memory.buffer, address, count);
        for (let frame = 0; frame < count; frame += 1) staging[frame] = Math.sin((this.fed + frame) * (0.01 + channel * 0.007)) / 2;
      }
      const taken = this.exports.feeder_push(this.feeder, count);
      this.fed += taken;
      left -= count;
      if (taken < count) return;
    }
  }

  /** The instructions that a call takes. */
  count(call) {
    const { instruction_count: counter } = this.exports;
    const before = counter.value;
    call();
    return Number(counter.value - before);
  }

  /** Renders a quantum. Returns the instructions that it took. */
  quantum(frames = QUANTUM_FRAMES) {
    const count = this.count(() => {
      const { processor, dispatcher, frame } = this;
      const rendered = this.exports.rt_process(processor, dispatcher, frame, frames);
      if (rendered !== 1) throw new Error('the processor is lost');
    });
    this.frame += frames;
    this.nowMs += QUANTUM_MS * frames / QUANTUM_FRAMES;
    return count;
  }

  /** A quantum that is fed as much as it takes. */
  fedQuantum() {
    this.feed(QUANTUM_FRAMES);
    return this.quantum();
  }

  /** A turn of the worker on a seat. Returns the instructions that it took. */
  turn(seat) {
    return this.count(() => this.exports.worker_turn(this.workers[seat], this.nowMs));
  }

  /** A job of the main thread, from its claim to its end. */
  job(kind, a, b, c, samples) {
    const { exports, pool } = this;
    exports.controller_take_seat(pool, 0);
    const ticket = this.reserve(kind, a, b, c, samples);
    exports.controller_submit_job(pool, ticket, INTERACTIVE);
    const counts = [];
    while (exports.controller_job_stage(pool, ticket) !== DONE) {
      counts.push(this.turn(0));
      if (counts.length > 1000) throw new Error('the job does not end');
    }
    return counts;
  }

  quanta(count, each = () => this.quantum()) {
    return Array.from({ length: count }, (_, index) => each(index));
  }

  /** Plays from a ring that is full. */
  started() {
    this.begin(1, NOW);
    this.feed(RING_FRAMES);
    this.play();
    this.quanta(4);
    return this;
  }
}

/** Scenes by name: what each does, as a function that makes the counts. */
const scenes = {
  'nothing to play': (engine) => engine.quanta(64),

  'waiting for the first frames': (engine) => {
    engine.begin(1, NOW);
    engine.feed(1024);
    engine.play();
    return engine.quanta(64);
  },

  playing: (engine) => {
    engine.started();
    return engine.quanta(1024, () => engine.fedQuantum());
  },

  'playing, the volume automated': (engine) => {
    engine.started();
    return engine.quanta(256, (index) => {
      engine.feed(QUANTUM_FRAMES);
      for (let point = 0; point < QUANTUM_FRAMES / CONTROL_FRAMES; point += 1) {
        engine.values[point * engine.width] = 0.5 + Math.sin((index * QUANTUM_FRAMES + point * CONTROL_FRAMES) * 0.001) / 2;
      }
      return engine.quantum();
    });
  },

  'playing, paused and resumed': (engine) => {
    engine.started();
    return engine.quanta(64, (index) => {
      if (index % 8 === 0) engine.pause();
      if (index % 8 === 4) engine.play();
      return engine.quantum();
    });
  },

  paused: (engine) => {
    engine.started();
    engine.pause();
    engine.quanta(2);
    return engine.quanta(64);
  },

  starved: (engine) => {
    engine.started();
    engine.quanta(RING_FRAMES / QUANTUM_FRAMES);
    return engine.quanta(64);
  },

  'at the end': (engine) => {
    engine.begin(1, NOW);
    engine.feed(10_000);
    engine.end();
    engine.play();
    engine.quanta(80);
    return engine.quanta(64);
  },

  'jumping back and forth': (engine) => {
    engine.started();
    let epoch = 1;
    return engine.quanta(512, (index) => {
      if (index % 128 === 0) {
        epoch += 1;
        engine.begin(epoch, NOW, index * 1000);
      }
      engine.feed(1024);
      return engine.quantum();
    });
  },

  'a loop of 100 frames': (engine) => {
    engine.begin(1, NOW);
    engine.feed(100);
    engine.play();
    const refill = () => {
      while (engine.exports.feeder_begin(engine.feeder, 1, 1, 0, FOLLOW, 0) === 1) engine.feed(100);
    };
    refill();
    engine.quanta(4);
    return engine.quanta(256, () => {
      refill();
      return engine.quantum();
    });
  },

  'quanta of 1 frame': (engine) => {
    engine.started();
    return engine.quanta(512, () => engine.quantum(1));
  },

  'quanta of 4096 frames': (engine) => {
    engine.started();
    return engine.quanta(64, () => {
      engine.feed(4096);
      return engine.quantum(4096);
    });
  },
};

/** Scenes of an engine whose player convolves. */
const convolving = {
  'convolving alone': (engine) => {
    engine.started();
    engine.quanta(128, () => engine.fedQuantum());
    return engine.quanta(2048, () => engine.fedQuantum());
  },

  'convolving, the response faded out': (engine) => {
    engine.started();
    engine.set('convolver.wet', 0);
    engine.quanta(128, () => engine.fedQuantum());
    return engine.quanta(256, () => engine.fedQuantum());
  },

  'convolving with a worker': (engine) => {
    assist(engine);
    return engine.quanta(1024, () => assisted(engine));
  },

  'the worker that helps': (engine) => {
    assist(engine);
    const counts = [];
    engine.quanta(256, () => assisted(engine, counts));
    return counts;
  },

  'convolving after the worker fell silent': (engine) => {
    assist(engine);
    return engine.quanta(256, () => engine.fedQuantum());
  },
};

/** A scene for each effect: a steady signal, then every parameter on its way at every control point. */
function effectScenes(table) {
  const scene = (moving) => (engine) => {
    const parameters = engine.names.length;
    return engine.quanta(256, (index) => {
      for (const channel of [0, 1]) {
        const plane = new Float32Array(engine.memory.buffer, engine.exports.rt_plane(engine.processor, channel), QUANTUM_FRAMES);
        for (let frame = 0; frame < QUANTUM_FRAMES; frame += 1) plane[frame] = Math.sin((engine.frame + frame) * (0.01 + channel * 0.007)) / 2;
      }
      for (let place = 0; moving && place < 5 * parameters; place += 1) engine.values[place] *= 1 + Math.sin(index + place) / 8;
      return engine.quantum();
    });
  };
  return table.flatMap(({ name }) => [[name, scene(false), name], [`${name}, its parameters automated`, scene(true), name]]);
}

/** Jobs of the main thread: turns of the worker. */
const jobs = {
  'transform of 1024': (engine) => engine.job(FFT, 1024, 0, 0, 1024),
  'transform of 32768': (engine) => engine.job(FFT, 32_768, 0, 0, 32_768),
  'audio block of 16384 frames': (engine) => engine.job(AUDIO_BLOCK, 16_384, 0, 0x3f800000, 32_768),
  'test of 4 slices': (engine) => engine.job(TEST, 1, 4, -1, 0),
};

/** Scenes whose work must lie evenly on the quanta: what the audio thread computes of jobs it computes slice by slice. */
const EVEN = new Set(['playing', 'convolving alone', 'convolving after the worker fell silent']);

/** Lets a worker help until the audio thread trusts it. */
function assist(engine) {
  engine.started();
  engine.exports.controller_take_seat(engine.pool, 0);
  engine.quanta(SETTLING_QUANTA, () => assisted(engine));
}

/** A quantum, before which the worker has taken the turns that it needs for what was posted. */
function assisted(engine, counts = []) {
  do counts.push(engine.turn(0)); while (engine.exports.controller_claimed_by(engine.pool, 0) > 0);
  return engine.fedQuantum();
}

/** What every scene costs, by name: `worst` and `median` are those of one quantum or turn. */
export function measure(module) {
  const measured = {};
  const prepare = (engine) => (engine.names.includes('convolver.wet') ? engine.putResponse() : engine);
  for (const [group, options] of [[scenes, {}], [convolving, { effects: ['convolver', 'gain'] }], [jobs, {}]]) {
    for (const [name, scene] of Object.entries(group)) {
      measured[name] = summary(scene(prepare(new Engine(module, options))), EVEN.has(name));
    }
  }
  for (const [name, scene, effect] of effectScenes(new Engine(module).table)) {
    measured[name] = summary(scene(new Engine(module, { effects: [effect], source: false })));
  }
  return measured;
}

/** A list of counts in short. */
export function summary(counts, even = false) {
  const sorted = counts.toSorted((a, b) => a - b);
  return {
    quanta: counts.length,
    instructions: counts.reduce((sum, count) => sum + count, 0),
    median: sorted[counts.length >> 1],
    worst: sorted.at(-1),
    even,
  };
}
