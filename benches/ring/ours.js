// The ends of our ring: one call of the module per block, as the audio thread makes one per quantum.

const BLOCK = 128;

export async function open({ module, memory, producer, consumer, copies, stackTop }) {
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
  exports.__stack_pointer.value = stackTop;
  const { ring_push: push, ring_pop: pop, ring_push_and_pop: pushAndPop, two_copies: twoCopies } = exports;
  const input = new Float32Array(memory.buffer, producer, BLOCK);
  const output = new Float32Array(memory.buffer, consumer, BLOCK);
  return {
    /** Writes the blocks with these numbers. */
    write(from, to) {
      for (let number = from; number < to; number += 1) {
        input[BLOCK - 1] = number;
        while (push(producer) === 0);
      }
    },
    /** Reads the blocks with these numbers. */
    read(from, to) {
      for (let number = from; number < to; number += 1) {
        while (pop(consumer) === 0);
        if (output[BLOCK - 1] !== number) throw new Error(`Block ${number} was lost.`);
      }
    },
    /** Both on one thread. */
    writeAndRead(times) {
      if (pushAndPop(producer, consumer, times) !== times * BLOCK) throw new Error('The ring lost frames.');
    },
    /** The same copies without a ring. */
    copy: (times) => twoCopies(producer, copies, consumer, times),
  };
}
