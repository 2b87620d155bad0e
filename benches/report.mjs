// How the benches say what they measured.

import { cpus, loadavg } from 'node:os';
import { median, quantile } from './statistics.mjs';

/**
 * One row of the report, from measurements of interleaved rounds: `ours[i]` and `theirs[i]` belong to one round.
 * `ratio` is how many times better ours is: more per second, or less time, as `better` says.
 */
export function compare({ bench, case: name, peer, unit, ours, theirs, goal, better }) {
  const ratios = ours.map((value, round) => (better === 'more' ? value / theirs[round] : theirs[round] / value));
  const ratio = median(ratios);
  return {
    bench, case: name, peer, unit, ours: median(ours), theirs: median(theirs), ratio,
    low: quantile(ratios, 0.1), high: quantile(ratios, 0.9), goal, met: ratio >= goal,
  };
}

/** The same for the best of each 16 rounds in a row: what other programs disturb least. */
export function compareBest(measured) {
  const pick = measured.better === 'more' ? Math.max : Math.min;
  const bests = (values) => {
    const groups = Array.from({ length: Math.ceil(values.length / 16) }, (_, group) => values.slice(16 * group, 16 * group + 16));
    return groups.map((group) => pick(...group));
  };
  return compare({ ...measured, case: `${measured.case}, best of 16`, ours: bests(measured.ours), theirs: bests(measured.theirs) });
}

/** A row for a figure that has no peer: it may be `limit` at most. `groups` are the same figure of parts of the measurement. */
export function within({ bench, case: name, unit, figure: ours, groups, limit }) {
  // Of a limit of 0, too, what just meets it is as good as it.
  const ratio = (value) => (value === limit ? 1 : limit / value);
  return {
    bench, case: name, peer: 'the limit', unit, ours, theirs: limit, ratio: ratio(ours),
    low: ratio(Math.max(...groups)), high: ratio(Math.min(...groups)), goal: 1, met: ours <= limit,
  };
}

/** The machine, and how busy it was before: without it the figures say little. */
export function machine() {
  const [processor] = cpus();
  return `${processor.model.trim()}, ${cpus().length} cores, load ${loadavg()[0].toFixed(1)}`;
}

/** Writes rows as a table for people, with `notes` under it, or as one JSON array. */
export function print(rows, { json, notes }) {
  console.log(json ? JSON.stringify(rows, null, 2) : [...table(rows), '', ...notes].join('\n'));
}

function table(rows) {
  const cells = rows.map((row) => [
    row.case, row.peer, figure(row.ours), figure(row.theirs), row.unit, `${figure(row.ratio)}x`,
    `${figure(row.low)}-${figure(row.high)}`, `${figure(row.goal)}x`, row.met ? 'met' : 'NOT MET',
  ]);
  const lines = [['', 'against', 'ours', 'theirs', 'unit', 'ratio', 'spread', 'goal', ''], ...cells];
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  const numeric = new Set([2, 3, 5, 6, 7]);
  return lines.map((line) => line
    .map((cell, column) => (numeric.has(column) ? cell.padStart(widths[column]) : cell.padEnd(widths[column])))
    .join('  ').trimEnd());
}

/** Three digits, which is more than any timing deserves. */
function figure(value) {
  if (value === 0) return '0';
  return value.toFixed(Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value)))));
}
