// What it costs to record events, on the page's own thread.

const QUANTA = 20_000;

/** Nanoseconds in a quantum, by how many events are recorded in each: one array of rounds for each of `counts`. */
globalThis.measure = async (rounds, counts) => {
  const memory = new WebAssembly.Memory({ initial: 16, maximum: 16, shared: true });
  const module = await WebAssembly.compileStreaming(fetch('module.wasm'));
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
  const address = exports.recorder_open();
  if (address === 0) throw new Error('The memory has no room for the tape.');
  const measured = counts.map(() => []);
  for (let round = -1; round < rounds; round += 1) {
    counts.forEach((count, index) => {
      const began = performance.now();
      exports.recorder_record(address, QUANTA, count);
      // The first round is compiled hastily.
      if (round >= 0) measured[index].push(((performance.now() - began) * 1e6) / QUANTA);
    });
  }
  return measured;
};
globalThis.ready = true;
