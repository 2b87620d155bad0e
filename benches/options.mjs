// The options that every bench takes.

import { parseArgs } from 'node:util';

/** `{ json, rounds }` of the command line; `rounds` is how many there are unless it says otherwise. */
export function options({ rounds: usual }) {
  const { values } = parseArgs({ options: { json: { type: 'boolean', default: false }, rounds: { type: 'string', default: String(usual) } } });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds takes a number from 1 on, not ${values.rounds}.`);
  return { json: values.json, rounds };
}
