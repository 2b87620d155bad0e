// The transforms of realfft and microfft.

import { loop } from './loop.js';
import { unpack } from './packed.js';

export async function open() {
  const { instance: { exports } } = await WebAssembly.instantiateStreaming(fetch('peers.wasm'));
  const { memory, peer_open: make, realfft_forward: realfft, microfft_forward: microfft } = exports;

  /** The transforms of `size`, both from one input, which realfft destroys. */
  return (size) => {
    const place = make(size);
    const [input, bins, packed] = new Uint32Array(memory.buffer, place, 3);
    const view = (address, length) => new Float32Array(memory.buffer, address, length);
    return {
      realfft: { get input() { return view(input, size); }, bins: () => view(bins, size + 2).slice(), run: { forward: loop([realfft, place]) } },
      microfft: { get input() { return view(input, size); }, bins: () => unpack(view(packed, size)), run: { forward: loop([microfft, place]) } },
    };
  };
}
