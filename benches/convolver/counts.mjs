// What the audio thread spends on a convolution, in instructions: exact, and the same on every machine.

import { Engine, QUANTUM_FRAMES } from '../../scripts/proof/engine.mjs';
import { noise, response } from './signals.js';

/** Until the audio thread trusts its worker, the response has its spectra, and the whole of it has input. */
const SETTLING_QUANTA = 5000;
const QUANTA = 2048;
const INPUT_QUANTA = 64;

/** Instructions of each of many quanta with a response so long; with a worker that helps, or alone. */
export function count(module, seconds, { helped }) {
  const engine = new Engine(module, { effects: ['convolver'], source: false });
  engine.putResponse(response(seconds));
  engine.set('convolver.wet', 1);
  if (helped) engine.exports.controller_take_seat(engine.pool, 0);
  const input = [3, 4].map((seed) => noise(INPUT_QUANTA * QUANTUM_FRAMES, seed));
  return engine.quanta(SETTLING_QUANTA + QUANTA, (index) => {
    if (helped) do engine.turn(0); while (engine.exports.controller_claimed_by(engine.pool, 0) > 0);
    const first = (index % INPUT_QUANTA) * QUANTUM_FRAMES;
    input.forEach((samples, channel) => engine.plane(channel).set(samples.subarray(first, first + QUANTUM_FRAMES)));
    return engine.quantum();
  }).slice(SETTLING_QUANTA);
}
