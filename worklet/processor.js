// The audio thread's shell: carries samples and numbers between the Web Audio graph and the engine module.
// A finished classic script without imports, so that it loads in every browser that has AudioWorklet.
// The next line has V8 compile it while it loads, instead of piece by piece during a node's first quantum.
//# allFunctionsCalledOnLoad
'use strict';

/** Frames of a cross-fade between what an engine gives and what a node gives without one. */
const FADE_FRAMES = 128;

/** The kind of job that needs nothing. */
const TEST_JOB = 3;

/** AudioParams are read at absolute multiples of so many frames since a node came into its engine. */
const CONTROL_FRAMES = 32;

/** The longest quantum that the engine takes. */
const MAX_QUANTUM_FRAMES = 4096;

/** Words of a plan's row: the number of an effect, and its settings. */
const PLAN_ROW_WORDS = 7;

/** After so many calls of an export V8 compiles the way from JavaScript to it, on the thread that calls. */
const WARMING_CALLS = 1000;

/** From one word on the load to the next, in solo mode. */
const LOAD_PULSE_MS = 50;

/** What the page may ask of a node's engine in solo mode, besides what the shell itself calls. */
const COMMANDS = ['controller_play', 'controller_pause', 'controller_discard'];

/** The number of what the package's files say to each other. */
const ABI = 1;

/** Engines in this scope by id. */
const engines = new Map();
const registeredNames = new Set();

/** An instance of the engine module. When a call of it fails, it is not called again and the main thread hears of it. */
class Engine {
  /** Shared mode brings the memory and a stack in it; in solo mode this thread makes a memory of its own. */
  constructor(module, { id, memory, stackTop, arena, dispatcher, pages }, port) {
    const solo = memory === undefined;
    if (solo) memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    const { exports } = new WebAssembly.Instance(module, { env: { memory } });
    let pool;
    if (solo) {
      arena = exports.controller_open();
      const address = exports.controller_pool(arena, sampleRate);
      if (!(address > 0)) throw new Error('The memory has no room for the engine.');
      [pool, dispatcher] = new Uint32Array(memory.buffer, address, 2);
      stackTop = exports.__stack_pointer.value;
    } else {
      exports.__stack_pointer.value = stackTop;
    }
    // While nothing sounds, and with an address that is no processor's.
    for (let call = 0; call < WARMING_CALLS; call += 1) exports.rt_process(0, 0, 0, 0);
    // Where the effects of a node are written before it is built.
    const plan = solo ? exports.controller_plan(arena) : 0;
    Object.assign(this, { id, exports, memory, arena, pool, dispatcher, plan, stackTop, port, alive: true, insideMilliseconds: 0, told: 0, uses: 0 });
  }

  /**
   * Solo mode, where nobody stamps a clock: the time since `began` was spent in a node. Wall clocks of worklets have whole milliseconds,
   * and each step of them falls into a node with the probability that is the load.
   */
  spend(began) {
    const now = Date.now();
    this.insideMilliseconds += now - began;
    if (Math.abs(now - this.told) < LOAD_PULSE_MS) return;
    this.port.postMessage({ type: 'load', id: this.id, clock: now, inside: this.insideMilliseconds });
    this.told = now;
    this.insideMilliseconds = 0;
  }

  get usedBytes() {
    return this.exports.controller_used_bytes(this.arena);
  }

  /** What a node tells of the memory. Its port does not wait for the others', so the page goes by the highest number. */
  use() {
    this.uses += 1;
    return { usedBytes: this.usedBytes, use: this.uses };
  }

  /** For calls outside of `process`; undefined when it failed. */
  call(name, ...parameters) {
    if (!this.alive) return undefined;
    try {
      return this.exports[name](...parameters);
    } catch (error) {
      this.fail(error);
      return undefined;
    }
  }

  fail(error) {
    this.alive = false;
    this.port.postMessage({ type: 'fault', id: this.id, frame: currentFrame, message: String(error) });
  }

  floats(address, length) {
    if (!(address > 0)) throw new Error('The engine does not know the processor.');
    return new Float32Array(this.memory.buffer, address, length);
  }
}

/** Opens engines in this scope, tells of their faults, and registers node classes when their parameters are known. */
class Registrar extends AudioWorkletProcessor {
  constructor({ processorOptions }) {
    super();
    this.module = processorOptions.module;
    this.port.onmessage = ({ data }) => this.hear(data);
    this.hear({ type: 'open', ...processorOptions });
  }

  /** Browsers throw a RangeError when there is no memory for an engine, and say no more of what a constructor throws. */
  hear(data) {
    try {
      this.obey(data);
    } catch (error) {
      this.port.postMessage({ type: 'failed', id: data?.id, name: data?.name, isOutOfMemory: error instanceof RangeError, message: String(error) });
    }
  }

  openEngine(options) {
    const engine = new Engine(this.module, options, this.port);
    engines.set(engine.id, engine);
    // The main thread compares this with what it sees: proof that the memory is shared.
    this.port.postMessage({ type: 'opened', abi: ABI, id: engine.id, usedBytes: engine.usedBytes });
  }

  obey(data) {
    if (data.type === 'open') {
      this.openEngine(data);
    } else if (data.type === 'forget') {
      engines.delete(data.id);
    } else if (data.type === 'register') {
      this.register(data);
    } else if (data.type === 'close') {
      this.port.close();
    } else {
      throw new TypeError('unknown message');
    }
  }

  register({ name, parameters }) {
    if (!registeredNames.has(name)) {
      registeredNames.add(name);
      registerProcessor(name, class extends Node {
        static get parameterDescriptors() {
          return parameters;
        }
      });
    }
    this.port.postMessage({ type: 'registered', name });
  }

  /** Only its port is wanted: browsers go on to call what returns true, once in every quantum. */
  process() {
    return false;
  }
}

/**
 * What a node gives while its engine cannot be called: its input, or silence without one. The engine's part in the
 * cross-fade away from it is its last frames, backwards, so that nothing steps.
 */
class Bypass {
  constructor() {
    this.last = [new Float32Array(FADE_FRAMES), new Float32Array(FADE_FRAMES)];
    this.departed = 0;
    this.returned = FADE_FRAMES;
    /** Frames since the engine's last one. */
    this.frames = 0;
  }

  /** A quantum without the engine. */
  fill(input, output) {
    for (let channel = 0; channel < output.length; channel += 1) {
      const samples = output[channel];
      const passed = input?.[Math.min(channel, input.length - 1)];
      const last = this.last[channel];
      for (let frame = 0; frame < samples.length; frame += 1) {
        const departed = Math.min(this.departed + frame, FADE_FRAMES);
        const share = departed / FADE_FRAMES;
        const rest = departed < FADE_FRAMES ? last[FADE_FRAMES - 1 - departed] * (1 - share) : 0;
        samples[frame] = passed ? rest + passed[frame] * share : rest;
      }
    }
    this.departed = Math.min(this.departed + output[0].length, FADE_FRAMES);
    this.returned = 0;
    this.frames += output[0].length;
  }

  /** A quantum that the engine has filled. */
  leave(input, output) {
    const frames = output[0].length;
    // Without an input there is silence to come back from, and the engine begins with a fade-in of its own.
    if (this.returned < FADE_FRAMES && input?.length > 0) this.fadeBack(input, output);
    for (let channel = 0; channel < output.length; channel += 1) {
      const last = this.last[channel];
      const samples = output[channel];
      if (frames < FADE_FRAMES) last.copyWithin(0, frames);
      if (frames > FADE_FRAMES) last.set(samples.subarray(frames - FADE_FRAMES));
      else last.set(samples, FADE_FRAMES - frames);
    }
    this.departed = 0;
    this.frames = 0;
  }

  fadeBack(input, output) {
    for (let channel = 0; channel < output.length; channel += 1) {
      const samples = output[channel];
      const passed = input[Math.min(channel, input.length - 1)];
      for (let frame = 0; frame < samples.length; frame += 1) {
        const share = Math.min((this.returned + frame) / FADE_FRAMES, 1);
        samples[frame] = samples[frame] * share + passed[frame] * (1 - share);
      }
    }
    this.returned += output[0].length;
  }
}

/** What the engine reads a node's parameters from: a row for each control point of a quantum, a column for each parameter. */
class Values {
  /** Each column has the name of an AudioParam, or the value of a parameter that has none. */
  constructor(rows, columns) {
    Object.assign(this, { rows, width: columns.length, phase: 0 });
    this.curves = [];
    columns.forEach((source, column) => {
      if (typeof source === 'string') this.curves.push({ name: source, column, resting: NaN });
      else this.fill(column, source);
    });
  }

  fill(column, value) {
    const { rows, width } = this;
    for (let place = column; place < rows.length; place += width) rows[place] = value;
  }

  /** Takes over the AudioParams of a quantum. */
  take(parameters, frames) {
    const { rows, width, phase } = this;
    const first = (CONTROL_FRAMES - phase) % CONTROL_FRAMES;
    for (const curve of this.curves) {
      const values = parameters[curve.name];
      if (values.length > 1) {
        curve.resting = NaN;
        for (let frame = first, place = curve.column; frame < frames; frame += CONTROL_FRAMES, place += width) rows[place] = values[frame];
      } else if (values[0] !== curve.resting) {
        curve.resting = values[0];
        this.fill(curve.column, values[0]);
      }
    }
    this.phase = (phase + frames) % CONTROL_FRAMES;
  }
}

/** A node: a player, or one that processes its input. */
class Node extends AudioWorkletProcessor {
  constructor({ processorOptions }) {
    super();
    this.bypass = new Bypass();
    this.misfortune = 0;
    this.unreadable = 0;
    this.open = false;
    this.closing = false;
    this.begin(processorOptions);
    this.port.onmessage = ({ data, ports }) => {
      try {
        this.receive(data, ports);
      } catch {
        this.unreadable += 1;
        this.port.postMessage({ type: 'unreadable', count: this.unreadable });
      }
    };
  }

  /** Tells how it went; that a constructor throws is told by few browsers, and by none with a reason. */
  begin(place) {
    try {
      this.open = this.enter(place);
      const { neededBytes } = this;
      this.port.postMessage({ type: this.open ? 'opened' : 'refused', neededBytes, ...this.engine?.use(), ...this.open && this.times() });
    } catch (error) {
      this.port.postMessage({ type: 'broken', message: String(error) });
    }
  }

  /** How late the output is, and how long it goes on to sound, in frames. */
  times() {
    const { exports } = this.engine;
    return { latencyFrames: exports.controller_latency_frames(this.processor), tailFrames: exports.controller_tail_frames(this.processor) };
  }

  /** Takes its place in an engine. Returns whether there is room; throws if the place is none. */
  enter({ id, processor, columns, plan, ringFrames, depth, responses }) {
    const engine = engines.get(id);
    if (engine === undefined) throw new Error(`There is no engine ${id}.`);
    let solo = null;
    if (processor === undefined) {
      this.neededBytes = responses.reduce((sum, response) => sum + responseBytes(engine, response), 0);
      solo = openSolo(engine, plan, ringFrames, depth, responses);
      if (solo === null) return false;
      processor = solo.processor;
    }
    const rows = MAX_QUANTUM_FRAMES / CONTROL_FRAMES + 1;
    const values = engine.floats(engine.exports.rt_values(processor), rows * columns.length);
    const planes = [0, 1].map((channel) => engine.floats(engine.exports.rt_plane(processor, channel), 128));
    Object.assign(this, { engine, processor, solo, values: new Values(values, columns), planes });
    return true;
  }

  process(inputs, outputs, parameters) {
    if (!this.open) return false;
    // Not taken apart in the parameters: that would go through iterators.
    const input = inputs[0];
    const output = outputs[0];
    if (this.closing) return !this.leave(output[0].length);
    if (this.engine.alive) this.render(input, output[0].length, parameters);
    if (this.engine.alive) {
      output[0].set(this.planes[0]);
      output[1].set(this.planes[1]);
      this.bypass.leave(input, output);
    } else {
      this.bypass.fill(input, output);
    }
    return true;
  }

  render(input, frames, parameters) {
    const { engine } = this;
    try {
      if (frames !== this.planes[0].length) {
        this.planes = [0, 1].map((channel) => engine.floats(engine.exports.rt_plane(this.processor, channel), frames));
      }
      if (input !== undefined) this.takeIn(input);
      this.values.take(parameters, frames);
      if (this.misfortune !== 0) this.meetMisfortune();
      const began = this.solo === null ? 0 : Date.now();
      if (engine.exports.rt_process(this.processor, engine.dispatcher, currentFrame, frames) === 0) {
        throw new Error('The memory of the processor was written over.');
      }
      if (this.solo !== null) {
        engine.spend(began);
        this.reportSolo(frames);
      }
    } catch (error) {
      engine.fail(error);
    }
  }

  /**
   * Ends what is on its way: between two quanta, or in one of so many frames. Returns whether it has left its place; a worker may still be at
   * one of its jobs. What an engine that failed has in its memory is nobody's any more.
   */
  leave(frames) {
    const { engine } = this;
    try {
      const left = engine.alive ? engine.exports.rt_close(this.processor, engine.dispatcher, currentFrame, frames) : 1;
      if (left === 0) return false;
      if (left !== 1) throw new Error('The memory of the processor was written over.');
    } catch (error) {
      engine.fail(error);
    }
    this.open = false;
    this.port.postMessage({ type: 'closed' });
    return true;
  }

  /** Two channels, or none when nothing is connected. */
  takeIn(input) {
    for (let channel = 0; channel < 2; channel += 1) {
      if (input.length === 0) this.planes[channel].fill(0);
      else this.planes[channel].set(input[Math.min(channel, input.length - 1)]);
    }
  }

  meetMisfortune() {
    const kind = this.misfortune;
    this.misfortune = 0;
    this.engine.exports.fault(kind);
  }

  receive(data, ports) {
    if (data.type === 'close') {
      this.closing = true;
      if (this.open && !this.leave(0)) this.port.postMessage({ type: 'closing' });
    } else if (data.type === 'adopt') {
      this.adopt(data);
    } else if (data.type === 'fault') {
      // Not 0: a thread that spins for ever can be replaced, unless it is the browser's own.
      if (![1, 2, 3, 4].includes(data.kind)) throw new RangeError('unknown fault');
      this.misfortune = data.kind;
    } else if (data.type === 'command' && this.solo !== null && COMMANDS.includes(data.name)) {
      this.engine.call(data.name, this.solo.controller, data.argument);
    } else if (data.type === 'response' && this.solo !== null) {
      const taken = this.engine.alive && giveResponse(this.engine, this.solo.controller, data.response);
      this.port.postMessage({ type: 'response', taken, neededBytes: responseBytes(this.engine, data.response), ...this.engine.use() });
    } else if (data.type === 'frames' && this.solo !== null) {
      const { reader, purpose, effect, samples } = data;
      const end = newestFrames(this.engine, this.processor, effect, samples);
      this.port.postMessage({ type: 'frames', reader, purpose, end, samples }, [samples.buffer]);
    } else if (data.type === 'release' && this.solo !== null) {
      this.release();
    } else if (data.type === 'feeder' && this.solo !== null) {
      this.connectFeeder(ports[0]);
    } else {
      throw new TypeError('unknown message');
    }
  }

  /** Goes on in another engine. Its position in the old one is where the sound stopped. */
  adopt(place) {
    const telemetry = this.solo === null ? undefined : this.lastTelemetry();
    let entered = false;
    try {
      entered = this.enter(place);
    } finally {
      const { bypass: { frames: bypassedFrames }, neededBytes } = this;
      this.port.postMessage({ type: entered ? 'adopted' : 'refused', bypassedFrames, telemetry, neededBytes, ...this.engine.use() });
    }
  }

  // What follows is solo mode: without shared memory the PCM arrives as messages and telemetry leaves as such.

  connectFeeder(port) {
    const { engine, solo } = this;
    // What a decode worker that was replaced has sent is not written any more.
    solo.port?.close();
    port.onmessage = ({ data }) => feed(engine, solo.feeder, data);
    port.postMessage({ type: 'ring', capacity: engine.call('feeder_capacity', solo.feeder), written: engine.call('feeder_written', solo.feeder) });
    port.postMessage({ type: 'read', index: engine.call('feeder_read', solo.feeder), target: engine.call('feeder_target', solo.feeder) });
    solo.port = port;
  }

  /** Gives the memory of a place that was left back. */
  release() {
    const { engine, solo } = this;
    solo.port?.close();
    engine.call('controller_release', engine.arena, solo.lease);
    this.port.postMessage({ type: 'released', ...engine.use() });
    this.solo = null;
  }

  reportSolo(frames) {
    const { engine: { exports }, solo } = this;
    const read = solo.port ? exports.feeder_read(solo.feeder) : 0;
    if (solo.port && ((read - solo.reportedRead) | 0) >= 2048) {
      solo.reportedRead = read;
      solo.port.postMessage({ type: 'read', index: read, target: exports.feeder_target(solo.feeder) });
    }
    solo.framesSinceReport += frames;
    if (solo.framesSinceReport < sampleRate / 30) return;
    solo.framesSinceReport = 0;
    const bytes = this.telemetry();
    this.port.postMessage({ type: 'telemetry', bytes }, [bytes.buffer]);
  }

  telemetry() {
    const { engine: { exports, memory }, solo } = this;
    const address = exports.controller_telemetry(solo.controller);
    return new Uint8Array(memory.buffer, address, exports.controller_telemetry_bytes()).slice();
  }

  /** Telemetry of an engine that has failed: its memory still has what it last published. */
  lastTelemetry() {
    try {
      this.engine.exports.__stack_pointer.value = this.engine.stackTop;
      return this.telemetry();
    } catch {
      return undefined;
    }
  }
}

/** A node in an engine that has no memory to share; null when it has no room. `plan` has the number and the settings of each effect. */
function openSolo(engine, plan, ringFrames, depth, responses) {
  const { exports, memory, arena } = engine;
  const rows = engine.floats(exports.controller_plan_rows(engine.plan), PLAN_ROW_WORDS * plan.length);
  const numbers = new Uint32Array(rows.buffer, rows.byteOffset, rows.length);
  plan.forEach(({ number, settings }, row) => {
    numbers[row * PLAN_ROW_WORDS] = number;
    rows.set(settings, row * PLAN_ROW_WORDS + 1);
  });
  const built = exports.controller_node(arena, engine.plan, plan.length, sampleRate, ringFrames);
  if (built <= 0) return null;
  const [controller, processor, feeder, lease] = new Uint32Array(memory.buffer, built, 4);
  if (depth !== null) exports.feeder_limit(feeder, ...depth);
  if (!responses.every((response) => giveResponse(engine, controller, response))) return null;
  return { controller, feeder, processor, lease, port: null, reportedRead: 0, framesSinceReport: 0 };
}

/**
 * Lends an impulse response to the convolver at `effect` of the node's list; its taps go by way of the input of a job that is never
 * submitted. Returns whether there is room.
 */
function giveResponse(engine, controller, { effect, channels, normalize, now }) {
  const { exports, arena, pool } = engine;
  exports.controller_reclaim_responses(arena, pool);
  const place = exports.controller_open_response(arena, pool, channels[0].length, channels.length);
  if (place < 0) return false;
  const ticket = exports.controller_reserve_job(pool, TEST_JOB, 0, 0, 0);
  const samples = exports.controller_job_samples();
  const input = engine.floats(exports.controller_job_input(pool, ticket), samples);
  channels.forEach((taps, channel) => {
    for (let first = 0; first < taps.length; first += samples) {
      const part = taps.subarray(first, first + samples);
      input.set(part);
      exports.controller_write_response(pool, place, channel, first, ticket, part.length);
    }
  });
  exports.controller_release_job(pool, ticket);
  exports.controller_finish_response(pool, place, normalize ? sampleRate : 0, now ? 1 : 0);
  return exports.controller_tell(controller, effect, place) === 1;
}

/**
 * Fills `samples` with the newest frames that the analyser at `effect` of a node's list keeps, plane after plane. Returns the lower
 * 32 bits of the frame that follows them; undefined when there are none.
 */
function newestFrames(engine, processor, effect, samples) {
  const { pool } = engine;
  const region = engine.call('controller_region', processor, effect);
  const end = engine.call('controller_analysed_until', pool, region);
  const frames = samples.length / 2;
  const addresses = [0, 1].map((plane) => engine.call('controller_analysed_frames', pool, region, end, plane, frames));
  if (!addresses.every((address) => address > 0)) return undefined;
  addresses.forEach((address, plane) => samples.set(engine.floats(address, frames), plane * frames));
  return end;
}

/** Bytes that an impulse response needs in all. */
function responseBytes({ exports, pool }, { channels }) {
  return exports.controller_response_bytes(pool, channels[0].length, channels.length);
}

/** Hands on to the feeder what the decode worker sends. */
function feed(engine, feeder, data) {
  if (data.type === 'begin') {
    engine.call('feeder_begin', feeder, data.epoch, data.track, data.frame, data.join, data.at);
  } else if (data.type === 'end') {
    engine.call('feeder_end', feeder);
  } else if (data.type === 'push' && engine.alive) {
    [data.left, data.right].forEach((samples, channel) => {
      const staging = engine.floats(engine.call('feeder_staging', feeder, channel), engine.call('feeder_staging_frames'));
      staging.set(new Float32Array(samples));
    });
    engine.call('feeder_push', feeder, data.left.byteLength / 4);
  }
}

try {
  // The build puts a checksum of all shells in its place: of another copy of the package these are other classes, or the same ones.
  registerProcessor('rusty-audio-registrar-SHELLS', Registrar);
} catch (error) {
  if (error.name !== 'NotSupportedError') throw error;
}
