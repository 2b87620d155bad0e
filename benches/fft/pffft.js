// pffft's transforms, and what surrounds them in an analyser.

import Pffft from './pffft/pffft.js';
import { loop } from './loop.js';
import { unpack } from './packed.js';

const REAL = 0;
const FORWARD = 0;
const BACKWARD = 1;

export async function open() {
  let memory;
  const pffft = await new Promise((resolve, reject) => {
    Pffft({
      instantiateWasm(imports, receive) {
        WebAssembly.instantiateStreaming(fetch('pffft/pffft.wasm'), imports).then(({ instance, module }) => {
          memory = Object.values(instance.exports).find((value) => value instanceof WebAssembly.Memory);
          receive(instance, module);
        }, reject);
        return {};
      },
    }).then(resolve, reject);
  });
  const { instance: { exports: { window, decibels } } } = await WebAssembly.instantiateStreaming(fetch('steps.wasm'), { env: { memory } });

  function allocate(length) {
    const address = pffft._pffft_aligned_malloc(4 * length);
    if (address === 0) throw new Error('pffft has no memory left.');
    return address;
  }

  /** The transforms of `size`. */
  return (size) => {
    const setup = pffft._pffft_new_setup(size, REAL);
    const [input, shape, windowed, bins, output, work] = Array.from({ length: 6 }, () => allocate(size));
    const [smoothed, levels] = Array.from({ length: 2 }, () => allocate(size / 2 + 1));
    // The memory grows, so views are made when they are used.
    const view = (address, length) => new Float32Array(memory.buffer, address, length);
    view(smoothed, size / 2 + 1).fill(0);
    // A first call has the glue replace its functions by the module's.
    pffft._pffft_transform_ordered(setup, input, bins, work, FORWARD);
    pffft._pffft_transform(setup, input, bins, work, FORWARD);
    const { _pffft_transform_ordered: ordered, _pffft_transform: unordered } = pffft;
    return {
      get input() { return view(input, size); },
      get window() { return view(shape, size); },
      get output() { return view(output, size); },
      get smoothed() { return view(smoothed, size / 2 + 1); },
      get decibels() { return view(levels, size / 2 + 1); },
      bins: () => unpack(view(bins, size)),
      run: {
        forward: loop([ordered, setup, input, bins, work, FORWARD]),
        inverse: loop([ordered, setup, bins, output, work, BACKWARD]),
        pair: loop([unordered, setup, input, bins, work, FORWARD], [unordered, setup, bins, output, work, BACKWARD]),
        decibels: loop([window, input, shape, windowed, size], [ordered, setup, windowed, bins, work, FORWARD], [decibels, bins, smoothed, levels, size]),
      },
    };
  };
}
