// The options that every bench takes.

import { parseArgs } from 'node:util';

/** `{ json, rounds }` of the command line, and its `switches`; `rounds` is how many there are unless it says otherwise. */
export function options({ rounds: usual, switches = [] }) {
  const booleans = ['json', ...switches].map((name) => [name, { type: 'boolean', default: false }]);
  const { values } = parseArgs({ options: { ...Object.fromEntries(booleans), rounds: { type: 'string', default: String(usual) } } });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds takes a number from 1 on, not ${values.rounds}.`);
  return { ...values, rounds };
}
