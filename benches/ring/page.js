// Two workers, each with one end of our ring and the same end of ringbuf.js.

import { RingBuffer } from './ringbuf.js';

const CAPACITY = 4096;
const ROLES = ['producer', 'consumer'];

async function openOurs() {
  const memory = new WebAssembly.Memory({ initial: 16, maximum: 16, shared: true });
  const module = await WebAssembly.compileStreaming(fetch('module.wasm'));
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
  const address = exports.ring_open();
  if (address === 0) throw new Error('The memory has no room for the ring.');
  const [producer, consumer, copies, ...stackTops] = new Uint32Array(memory.buffer, address, 5);
  return { module, memory, producer, consumer, copies, stackTops };
}

/** Runs `rounds` rounds; resolves to one array of figures for each kind of measurement. */
globalThis.measure = async (rounds) => {
  const ours = await openOurs();
  const theirs = RingBuffer.getStorageForCapacity(CAPACITY, Float32Array);
  const gate = new SharedArrayBuffer(4);
  const [, measured] = await Promise.all(ROLES.map((role, index) => new Promise((resolve, reject) => {
    const worker = new Worker('worker.js', { type: 'module' });
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = (event) => reject(new Error(event.message));
    worker.postMessage({ role, rounds, gate, theirs, ours: { ...ours, stackTop: ours.stackTops[index] } });
  })));
  return measured;
};
globalThis.ready = true;
