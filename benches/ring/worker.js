// One end of both rings. The two workers meet before each transfer; the consumer holds the watch.

import { open as openOurs } from './ours.js';
import { open as openTheirs } from './theirs.js';

const BLOCK = 128;
// Blocks that pass before the watch starts: both workers run by then. A few milliseconds in all, so that many
// rounds fall between two interruptions.
const UNTIMED = 2_000;
const TIMED = 20_000;
const ALONE = 50_000;
// Rounds until the browser has compiled everything for speed.
const WARM_UP_ROUNDS = 8;

onmessage = async ({ data: { role, rounds, gate, ours, theirs } }) => {
  const arrivals = new Int32Array(gate);
  const sides = { ours: await openOurs(ours), theirs: openTheirs(theirs) };
  let meetings = 0;
  function meet() {
    meetings += 2;
    Atomics.add(arrivals, 0, 1);
    while (Atomics.load(arrivals, 0) < meetings);
  }

  /** Frames per second, as the consumer sees it. */
  function transfer(side) {
    meet();
    if (role === 'producer') {
      side.write(0, UNTIMED + TIMED);
      return undefined;
    }
    side.read(0, UNTIMED);
    const start = performance.now();
    side.read(UNTIMED, UNTIMED + TIMED);
    return TIMED * BLOCK * 1e3 / (performance.now() - start);
  }

  /** Nanoseconds of each of `ALONE` repetitions. The producer rests meanwhile. */
  function alone(repeat) {
    if (role === 'producer') return undefined;
    const start = performance.now();
    repeat(ALONE);
    return (performance.now() - start) * 1e6 / ALONE;
  }

  const measured = { ours: [], theirs: [], ring: [], copies: [] };
  for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
    const order = round % 2 === 0 ? ['ours', 'theirs'] : ['theirs', 'ours'];
    const figures = Object.fromEntries(order.map((name) => [name, transfer(sides[name])]));
    figures.ring = alone(sides.ours.writeAndRead);
    figures.copies = alone(sides.ours.copy);
    if (round >= 0) for (const [name, figure] of Object.entries(figures)) measured[name].push(figure);
  }
  postMessage(measured);
};
