// The engine module, driven by hand as its shells drive it: for counting and for comparing what it renders.
const PAGES = 2048;
export const SAMPLE_RATE = 48_000;
export const RING_FRAMES = 32_768;
export const QUANTUM_FRAMES = 128;
export const CONTROL_FRAMES = 32;
const QUANTUM_MS = (1000 * QUANTUM_FRAMES) / SAMPLE_RATE;
const MAX_QUANTUM_FRAMES = 4096;
const PLAN_ROW_WORDS = 7;
const STAGING_FRAMES = 4096;
const RESPONSE_FRAMES = 32_768;
const JOB_SAMPLES = 32_768;
export const NOW = 1;
const FFT = 0;
const INTERACTIVE = 1;
const DONE = 2;

/** An engine driven by hand: an instance over a memory of its own, a pool, and a node with the effects named, with a source or without. */
export class Engine {
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
    this.effects = effects;
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

  /** Place of an AudioParam in a row of values. */
  column(name) {
    const column = this.names.indexOf(name);
    if (column < 0) throw new Error(`there is no parameter ${name}`);
    return column;
  }

  /** Sets an AudioParam for all control points to come. */
  set(name, value) {
    for (let place = this.column(name); place < this.values.length; place += this.width) this.values[place] = value;
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

  /** Gives the convolver a response: these channels, or a decaying sine. */
  putResponse(channels) {
    const { exports, arena, pool } = this;
    const ticket = this.reserve(FFT, 32, 0, 0, JOB_SAMPLES);
    const input = new Float32Array(this.memory.buffer, exports.controller_job_input(pool, ticket), JOB_SAMPLES);
    const sine = input.slice(0, RESPONSE_FRAMES);
    channels ??= [sine, sine];
    const place = exports.controller_open_response(arena, pool, channels[0].length, channels.length);
    if (place < 0) throw new Error(`the engine found no room: ${place}`);
    channels.forEach((taps, channel) => {
      for (let first = 0; first < taps.length; first += JOB_SAMPLES) {
        const part = taps.subarray(first, first + JOB_SAMPLES);
        input.set(part);
        exports.controller_write_response(pool, place, channel, first, ticket, part.length);
      }
    });
    exports.controller_release_job(pool, ticket);
    exports.controller_finish_response(pool, place, 0, 1);
    this.succeed(exports.controller_tell(this.controller, this.effects.indexOf('convolver'), place));
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

  /** Feeds the frames of two planes, for which there must be room. */
  write(planes) {
    const frames = planes[0].length;
    planes.forEach((plane, channel) => new Float32Array(this.memory.buffer, this.exports.feeder_staging(this.feeder, channel), frames).set(plane));
    this.succeed(this.exports.feeder_push(this.feeder, frames) === frames ? 1 : 0);
  }

  /** The instructions that a call takes, if the module counts them. */
  count(call) {
    const { instruction_count: counter } = this.exports;
    const before = counter?.value;
    call();
    return counter && Number(counter.value - before);
  }

  /** A channel's frames of a quantum: what comes in before it, what is heard after it. */
  plane(channel, frames = QUANTUM_FRAMES) {
    return new Float32Array(this.memory.buffer, this.exports.rt_plane(this.processor, channel), frames);
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
    exports.controller_release_job(pool, ticket);
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
