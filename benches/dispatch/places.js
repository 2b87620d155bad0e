// The bench module: one memory and its places for each measurement, and an instance for each thread.

const PAGES = 256;

/** Opens the pool and the board in a fresh memory; resolves to what threads need of them. */
export async function open(sampleRate = 48_000) {
  const memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES, shared: true });
  const module = await WebAssembly.compileStreaming(fetch('module.wasm'));
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
  const address = exports.dispatch_open(sampleRate);
  if (address === 0) throw new Error('The memory has no room for the pool.');
  const [audio, controller, worker, poster, claimer, words, ...stackTops] = new Uint32Array(memory.buffer, address, 10);
  return { exports, places: { module, memory, audio, controller, worker, poster, claimer, words, stackTops } };
}

/** The exports for a thread that has stack number `stack`. */
export async function join({ module, memory, stackTops }, stack) {
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
  exports.__stack_pointer.value = stackTops[stack];
  return exports;
}

/** Starts a worker with `data`; `result` resolves to the first message that is not its `ready`. */
export function start(script, data, transfer = []) {
  const worker = new Worker(script, { type: 'module' });
  let isReady;
  const ready = new Promise((resolve) => { isReady = resolve; });
  const result = new Promise((resolve, reject) => {
    worker.onmessage = ({ data: answer }) => (answer === 'ready' ? isReady() : resolve(answer));
    worker.onerror = (event) => reject(new Error(event.message));
  });
  worker.postMessage(data, transfer);
  return { worker, ready, result };
}
