// A pool worker, with the loop of the engine's own. With `marks` it leaves a mark whenever it has begun a job.

import { join } from './places.js';

onmessage = async ({ data: { places, marks = false } }) => {
  const exports = await join(places, 2);
  const { controller, worker } = places;
  postMessage('ready');
  let begun = 0;
  while (exports.worker_turn(worker, performance.timeOrigin + performance.now())) {
    if (marks && exports.page_begun(controller) !== begun) {
      performance.mark('begun');
      begun = exports.page_begun(controller);
    }
  }
};
