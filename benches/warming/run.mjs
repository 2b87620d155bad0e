// The slowest quantum of a node's first second, with warming and without, and how even those are that follow. Chromium, headless,
// live.
//
//   node benches/warming/run.mjs [--json] [--rounds N]

import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onPage } from '../browser.mjs';
import { options } from '../options.mjs';
import { compare, machine, print, within } from '../report.mjs';
import { median } from '../statistics.mjs';
import { traced } from '../trace.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const target = process.env.CARGO_TARGET_DIR ?? join(here, '../../target');
const CASES = { chain: 'equalizer, compressor, limiter', convolver: 'convolver, 1 s' };
const QUANTA_PER_SECOND = 375;
/** Before the first quantum of a callback the thread has slept for longer than this. */
const SLEEP_MS = 1;

/** The quanta of the node in order, as `{ us, woken }`. */
function quanta(stamps) {
  const found = [];
  let begun;
  let done = -Infinity;
  let woken;
  for (const { name, ms } of stamps) {
    if (name === 'begun') [begun, woken] = [ms, ms - done > SLEEP_MS];
    if (name !== 'done') continue;
    done = ms;
    found.push({ us: (done - begun) * 1000, woken });
  }
  return found;
}

/**
 * Each quantum after the first second as a multiple of the median; of that of its kind, since whatever a thread does first when it
 * has slept takes longer.
 */
function multiples(all) {
  const rest = all.slice(QUANTA_PER_SECOND);
  const usual = [true, false].map((kind) => median(rest.filter(({ woken }) => woken === kind).map(({ us }) => us)));
  return rest.map(({ us, woken }) => us / usual[woken ? 0 : 1]);
}

/** The slowest quantum: what is slow in one round is the machine's, what is slow in most is ours. */
function slowestOfMost(rounds) {
  const length = Math.min(...rounds.map((round) => round.length));
  return Math.max(...Array.from({ length }, (_, quantum) => median(rounds.map((round) => round[quantum]))));
}

async function measure(page, name, rounds) {
  const measured = { warm: [], cold: [] };
  for (let round = 0; round < rounds; round += 1) {
    const order = Object.keys(measured);
    if (round % 2 === 1) order.reverse();
    for (const arm of order) {
      const render = () => page.evaluate(([given, warm]) => globalThis.render(given, { warm }), [name, arm === 'warm']);
      const { result, stamps } = await traced(page.context().browser(), render);
      const all = quanta(stamps);
      if (all.length < 2 * QUANTA_PER_SECOND) throw new Error(`Only ${all.length} quanta were rendered.`);
      const slowest = Math.max(...all.slice(0, QUANTA_PER_SECOND).map(({ us }) => us));
      measured[arm].push({ ...result, slowest, median: median(all.map(({ us }) => us)), multiples: multiples(all) });
    }
  }
  return measured;
}

const of = (figures, name) => figures.map((figure) => figure[name]);

function rows(name, { warm, cold }) {
  const rounds = of(warm, 'multiples');
  const halves = [0, 1].map((half) => slowestOfMost(rounds.filter((_, round) => round % 2 === half)));
  return [
    compare({
      bench: 'warming', case: `slowest quantum of the first second, ${CASES[name]}`, peer: 'without warming', unit: 'µs', better: 'less',
      ours: of(warm, 'slowest'), theirs: of(cold, 'slowest'), goal: 5,
    }),
    within({ bench: 'warming', case: `slowest quantum of the next two, ${CASES[name]}`, unit: 'medians', limit: 2, figure: slowestOfMost(rounds), groups: halves }),
  ];
}

function note(name, { warm, cold }) {
  const middle = (figures, which, digits = 0) => median(of(figures, which)).toFixed(digits);
  const once = median(of(warm, 'multiples').map((round) => Math.max(...round))).toFixed(1);
  return `${CASES[name]}: median quantum ${middle(warm, 'median')} µs; the slowest of a single round ${once} medians; warming took ${middle(warm, 'warmed')} ms, Engine.create() ${middle(warm, 'started')} ms with it and ${middle(cold, 'started')} ms without.`;
}

async function main() {
  const { json, rounds } = options({ rounds: 12 });
  const before = machine();
  const measured = {};
  let browser;
  for (const name of Object.keys(CASES)) {
    const found = await onPage({
      folder: here,
      files: { package: join(target, 'package') },
      flags: ['--autoplay-policy=no-user-gesture-required'],
      measure: (page) => measure(page, name, rounds),
    });
    measured[name] = found.measured;
    browser = found.version;
  }
  const cases = Object.entries(measured);
  print(cases.flatMap(([name, figures]) => rows(name, figures)), {
    json,
    notes: [
      `${before}; Chromium ${browser}; ${rounds} interleaved rounds, each with a module that the browser has never seen.`,
      'Quanta are timed by stamps in the browser\'s trace, whose clock has steps of 1 µs.',
      'After the first second a quantum counts as slow if it is in most rounds: what interrupts the thread now and then is left out.',
      ...cases.map(([name, figures]) => note(name, figures)),
      'Medians, and the 10 % to 90 % spread of the ratios of the rounds; of the figures with a limit, that of two halves of the rounds.',
    ],
  });
}

await main();
