// A pool worker's shell. In the engine's shared memory it takes turns until told to stop, and hears no message meanwhile; in
// solo mode it has a memory of its own and computes what it is sent; or it warms the module once. A finished classic script
// without imports.
'use strict';

/** The kinds of jobs that can be sent, with the arguments that the module takes for them. */
const KINDS = {
  computeFft: ({ samples }) => [0, samples.length, 0, 0],
  processAudio: ({ frames, from, to }) => [1, frames, ...new Uint32Array(new Float32Array([from, to]).buffer)],
  runTest: ({ seed, slices, fault }) => [3, seed, slices, fault ?? -1],
};
const DONE = 2;
const INTERACTIVE = 1;

/** The kind of job that computes a spectrum, the region that stands for the job's own input, and samples before the first bin. */
const SPECTRUM = 6;
const OWN_INPUT = -1;
const SPECTRUM_HEAD = 16;

/** The number of what the package's files say to each other. */
const ABI = 1;

let alone;

/** All workers need one clock, and performance.now() alone counts from each worker's own start. */
const now = () => performance.timeOrigin + performance.now();

/** One turn. Returns false when it was the last. */
function turn(exports, worker) {
  const outcome = exports.worker_turn(worker, now());
  if (outcome > 1) exports.fault(outcome - 2);
  return outcome !== 0;
}

function serve({ module, memory, stackTop, worker }) {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  exports.__stack_pointer.value = stackTop;
  postMessage({ type: 'ready', abi: ABI });
  while (turn(exports, worker));
  shutDown();
}

function startAlone({ module, pages, sampleRate }) {
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const address = exports.controller_pool(exports.controller_open(), sampleRate);
  const [pool, , worker] = new Uint32Array(memory.buffer, address, 3);
  exports.controller_take_seat(pool, 0);
  alone = { exports, memory, pool, worker };
  postMessage({ type: 'ready', abi: ABI });
}

/** Runs the kernels over a memory that nobody else has, so that the browser compiles them well for all threads. */
function warm({ module, pages, sampleRate }) {
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const began = performance.now();
  const quanta = exports.warm(exports.controller_open(), sampleRate);
  if (quanta < 0) throw new Error('The memory has no room for all effects.');
  postMessage({ type: 'warmed', quanta, milliseconds: performance.now() - began });
}

function compute(message) {
  const { exports, memory, pool, worker } = alone;
  const floats = (address, length) => new Float32Array(memory.buffer, address, length);
  const ticket = exports.controller_reserve_job(pool, ...KINDS[message.type](message));
  if (message.samples) floats(exports.controller_job_input(pool, ticket), message.samples.length).set(message.samples);
  exports.controller_submit_job(pool, ticket, INTERACTIVE);
  while (exports.controller_job_stage(pool, ticket) !== DONE) turn(exports, worker);
  const output = floats(exports.controller_job_output(pool, ticket), message.outputSamples).slice();
  const executionMilliseconds = exports.controller_job_execution_us(pool, ticket) / 1000;
  exports.controller_release_job(pool, ticket);
  postMessage({ type: 'taskComplete', task: message.task, executionMilliseconds, output }, [output.buffer]);
}

/** Power spectra of frames, plane after plane; both arrays go back to where they came from. */
function computeSpectra({ size, window, samples, spectra }) {
  const { exports, memory, pool, worker } = alone;
  const floats = (address, length) => new Float32Array(memory.buffer, address, length);
  const bins = size / 2 + 1;
  for (const plane of [0, 1]) {
    const ticket = exports.controller_reserve_job(pool, SPECTRUM, OWN_INPUT, size, window);
    floats(exports.controller_job_input(pool, ticket), size).set(samples.subarray(plane * size, (plane + 1) * size));
    exports.controller_submit_job(pool, ticket, INTERACTIVE);
    while (exports.controller_job_stage(pool, ticket) !== DONE) turn(exports, worker);
    const output = floats(exports.controller_job_output(pool, ticket), SPECTRUM_HEAD + bins);
    spectra.set(output.subarray(SPECTRUM_HEAD), plane * bins);
    exports.controller_release_job(pool, ticket);
  }
  postMessage({ type: 'spectra', samples, spectra }, [samples.buffer, spectra.buffer]);
}

function shutDown() {
  postMessage({ type: 'shuttingDown' });
  close();
}

onmessage = ({ data }) => {
  if (data.type === 'initialize') {
    serve(data);
  } else if (data.type === 'initializeSolo') {
    startAlone(data);
  } else if (data.type === 'warm') {
    warm(data);
  } else if (data.type === 'computeSpectra') {
    computeSpectra(data);
  } else if (data.type === 'shutDown') {
    shutDown();
  } else {
    try {
      compute(data);
    } catch (error) {
      postMessage({ type: 'taskFailed', task: data.task, message: String(error) });
    }
  }
};
