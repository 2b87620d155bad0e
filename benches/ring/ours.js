// The ends of our ring, which Rust code uses: the loops are in the module.

const BLOCK = 128;

export async function open({ module, memory, producer, consumer, copies, stackTop }) {
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
  exports.__stack_pointer.value = stackTop;
  const { ring_write: write, ring_read: read, ring_push_and_pop: pushAndPop, two_copies: twoCopies } = exports;
  return {
    /** Writes the blocks with these numbers. */
    write: (from, to) => write(producer, from, to),
    /** Reads the blocks with these numbers. */
    read(from, to) {
      if (read(consumer, from, to) !== to - from) throw new Error('A block was lost.');
    },
    /** Both on one thread. */
    writeAndRead(times) {
      if (pushAndPop(producer, consumer, times) !== times * BLOCK) throw new Error('The ring lost frames.');
    },
    /** The same copies without a ring. */
    copy: (times) => twoCopies(producer, copies, consumer, times),
  };
}
