// The engine's transforms.

import { loop } from './loop.js';

const PLACES = ['input', 'window', 'bins', 'spectrum', 'output', 'power', 'smoothed', 'decibels'];

export async function open() {
  const memory = new WebAssembly.Memory({ initial: 512, maximum: 512, shared: true });
  const { instance: { exports } } = await WebAssembly.instantiateStreaming(fetch('module.wasm'), { env: { memory } });
  const all = exports.fft_open();
  if (all === 0) throw new Error('The memory has no room for the transforms.');

  /** The transforms of `size`. */
  return (size) => {
    const [place] = new Uint32Array(memory.buffer, all + 4 * Math.log2(size / 32), 1);
    const addresses = new Uint32Array(memory.buffer, place, PLACES.length);
    const view = (name, length) => new Float32Array(memory.buffer, addresses[PLACES.indexOf(name)], length);
    const { fft_forward: forward, fft_inverse: inverse, fft_forward_unordered: there, fft_inverse_unordered: back } = exports;
    const { fft_power: power, fft_decibels: decibels, fft_multiply_accumulate: multiply } = exports;
    const { fft_complex_forward: complex, fft_complex_inverse: complexInverse } = exports;
    return {
      input: view('input', size),
      window: view('window', size),
      output: view('output', size),
      power: view('power', size / 2 + 1),
      smoothed: view('smoothed', size / 2 + 1),
      decibels: view('decibels', size / 2 + 1),
      complexInput: view('input', 2 * size),
      complexOutput: view('output', 2 * size),
      bins: () => view('bins', size + 2).slice(),
      run: {
        forward: loop([forward, place]),
        inverse: loop([inverse, place]),
        pair: loop([there, place], [back, place]),
        window: loop([exports.fft_window, place]),
        power: loop([power, place]),
        decibels: loop([decibels, place]),
        multiply: loop([multiply, place]),
        complex: loop([complex, place]),
        complexInverse: loop([complexInverse, place]),
      },
    };
  };
}
