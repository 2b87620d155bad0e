// The ends of ringbuf.js, which JavaScript uses, fed whole blocks, which is its fast path.

import { RingBuffer } from './ringbuf.js';

const BLOCK = 128;

export function open(storage) {
  const ring = new RingBuffer(storage, Float32Array);
  const input = new Float32Array(BLOCK);
  const output = new Float32Array(BLOCK);
  return {
    write(from, to) {
      for (let number = from; number < to; number += 1) {
        input[BLOCK - 1] = number;
        while (ring.push(input) === 0);
      }
    },
    read(from, to) {
      for (let number = from; number < to; number += 1) {
        while (ring.pop(output) === 0);
        if (output[BLOCK - 1] !== number) throw new Error(`Block ${number} was lost.`);
      }
    },
  };
}
