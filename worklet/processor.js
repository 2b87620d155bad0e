// The audio thread's shell: carries samples and numbers between the Web Audio graph and the engine module.
// A finished classic script without imports, so that it loads in every browser that has AudioWorklet.
'use strict';

/** Engines in this scope by id: the module's exports, its memory and its arena. */
const engines = new Map();
const registeredNames = new Set();

/** Shared mode brings the memory and a stack in it; in solo mode this thread makes a memory of its own. */
function openEngine({ id, module, memory, stackTop, arena, pages }) {
  const solo = memory === undefined;
  if (solo) memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  if (solo) arena = exports.controller_open();
  else exports.__stack_pointer.value = stackTop;
  const engine = { exports, memory, arena };
  engines.set(id, engine);
  return engine;
}

/** Opens the engine in this scope, and registers node classes when their parameters are known. */
class Registrar extends AudioWorkletProcessor {
  constructor({ processorOptions }) {
    super();
    const { exports, arena } = openEngine(processorOptions);
    this.port.onmessage = ({ data }) => {
      if (data.type === 'close') {
        engines.delete(processorOptions.id);
        this.closed = true;
        return;
      }
      if (!registeredNames.has(data.name)) {
        registeredNames.add(data.name);
        registerProcessor(data.name, class extends Player {
          static get parameterDescriptors() {
            return data.parameters;
          }
        });
      }
      this.port.postMessage({ type: 'registered', name: data.name });
    };
    // The main thread compares this with what it sees: proof that the memory is shared.
    this.port.postMessage({ type: 'opened', usedBytes: exports.controller_used_bytes(arena) });
  }

  process() {
    return !this.closed;
  }
}

class Player extends AudioWorkletProcessor {
  constructor({ processorOptions }) {
    super();
    const { id, solo } = processorOptions;
    this.engine = engines.get(id);
    let { processor } = processorOptions;
    if (solo) processor = this.openSolo(solo);
    if (processor === undefined) {
      this.port.postMessage({ type: 'refused' });
      return;
    }
    const { exports, memory } = this.engine;
    this.processor = processor;
    this.render = exports.rt_process;
    this.gain = new Float32Array(memory.buffer, exports.rt_gain_values(processor), 4096);
    this.left = this.plane(0, 128);
    this.right = this.plane(1, 128);
    this.open = true;
    this.port.onmessage = ({ data, ports }) => this.receive(data, ports);
    this.port.postMessage({ type: 'opened' });
  }

  plane(channel, frames) {
    const { exports, memory } = this.engine;
    return new Float32Array(memory.buffer, exports.rt_output(this.processor, channel), frames);
  }

  process(_inputs, [output], { gain }) {
    if (!this.open) return false;
    if (this.faulted) return true;
    const frames = output[0].length;
    if (frames !== this.left.length) {
      this.left = this.plane(0, frames);
      this.right = this.plane(1, frames);
    }
    this.gain.set(gain);
    try {
      this.render(this.processor, frames, gain.length);
    } catch (error) {
      this.faulted = true;
      this.port.postMessage({ type: 'fault', message: String(error) });
      return true;
    }
    output[0].set(this.left);
    output[1].set(this.right);
    if (this.solo) this.reportSolo(frames);
    return true;
  }

  receive(data, ports) {
    if (data.type === 'close') this.open = false;
    else if (!this.solo) return;
    else if (data.type === 'command') this.engine.exports[data.name](this.solo.controller, data.argument);
    else if (data.type === 'feeder') this.connectFeeder(ports[0]);
  }

  // What follows is solo mode: without shared memory the PCM arrives as messages and telemetry leaves as such.

  openSolo({ ringFrames }) {
    const { exports, memory, arena } = this.engine;
    const address = exports.controller_player(arena, sampleRate, ringFrames);
    if (address <= 0) return undefined;
    const [controller, feeder, processor] = new Uint32Array(memory.buffer, address, 3);
    this.solo = { controller, feeder, port: null, reportedRead: 0, framesSinceReport: 0 };
    return processor;
  }

  connectFeeder(port) {
    const { exports } = this.engine;
    this.solo.port = port;
    port.onmessage = ({ data }) => this.feed(data);
    port.postMessage({ type: 'capacity', frames: exports.feeder_capacity(this.solo.feeder) });
    port.postMessage({ type: 'read', index: exports.feeder_read(this.solo.feeder) });
  }

  feed(data) {
    const { exports, memory } = this.engine;
    const { feeder } = this.solo;
    if (data.type === 'begin') {
      exports.feeder_begin(feeder, data.epoch, data.track, data.frame, data.join, data.at);
    } else if (data.type === 'end') {
      exports.feeder_end(feeder);
    } else if (data.type === 'push') {
      const left = new Float32Array(data.left);
      new Float32Array(memory.buffer, exports.feeder_staging(feeder, 0), left.length).set(left);
      new Float32Array(memory.buffer, exports.feeder_staging(feeder, 1), left.length).set(new Float32Array(data.right));
      exports.feeder_push(feeder, left.length);
    }
  }

  reportSolo(frames) {
    const { exports, memory } = this.engine;
    const { solo } = this;
    const read = exports.feeder_read(solo.feeder);
    if (solo.port && ((read - solo.reportedRead) | 0) >= 2048) {
      solo.reportedRead = read;
      solo.port.postMessage({ type: 'read', index: read });
    }
    solo.framesSinceReport += frames;
    if (solo.framesSinceReport < sampleRate / 30) return;
    solo.framesSinceReport = 0;
    const address = exports.controller_telemetry(solo.controller);
    const bytes = new Uint8Array(memory.buffer, address, exports.controller_telemetry_bytes()).slice();
    this.port.postMessage({ type: 'telemetry', bytes }, [bytes.buffer]);
  }
}

registerProcessor('rusty-audio-registrar', Registrar);
