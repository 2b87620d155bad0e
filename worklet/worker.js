// A pool worker's shell: instantiates the engine module over the shared memory and takes turns until told to stop.
// A finished classic script without imports.
'use strict';

onmessage = ({ data: { module, memory, stackTop, worker } }) => {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  exports.__stack_pointer.value = stackTop;
  postMessage({ type: 'ready' });
  // All workers need one clock, and performance.now() alone counts from each worker's own start.
  for (;;) {
    const turn = exports.worker_turn(worker, performance.timeOrigin + performance.now());
    if (turn === 0) break;
    if (turn > 1) exports.fault(turn - 2);
  }
  close();
};
