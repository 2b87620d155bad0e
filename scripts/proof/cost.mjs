// What a render quantum and a worker's turn cost, in instructions: node scripts/proof/cost.mjs COPY [--write]
//
// COPY is the engine module as `rusty-audio-proof instrument` leaves it. The counts are exact and depend on nothing but
// the module. They are held against budgets.json; --write makes that file anew from what is counted.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { measure } from './scenes.mjs';

/** A budget allows 2 % more than what was counted when it was made. */
const ALLOWANCE = 1.02;
/** Below this share of what was counted then, the budget no longer says anything. */
const SLACK = 0.9;
const QUANTITIES = ['instructions', 'worst'];
/** Where work must lie evenly, the dearest quantum costs no more than so many times the median. */
const UNEVENNESS = 2;

/** Budgets for what was counted. */
export function budget(measured) {
  return Object.fromEntries(Object.entries(measured).map(([scene, counts]) => [
    scene,
    {
      quanta: counts.quanta,
      ...Object.fromEntries(QUANTITIES.map((quantity) => {
        const counted = counts[quantity];
        return [quantity, { counted, allowed: Math.ceil(counted * ALLOWANCE) }];
      })),
    },
  ]));
}

/** Sentences on what was counted and is not as the budgets have it. */
export function judge(measured, budgets) {
  const verdicts = [];
  for (const scene of new Set([...Object.keys(measured), ...Object.keys(budgets)])) {
    if (budgets[scene]?.quanta !== measured[scene]?.quanta) {
      verdicts.push(`${scene}: the scene and its budget are not the same; make the budgets anew`);
      continue;
    }
    const { even, median, worst } = measured[scene];
    if (even && worst > UNEVENNESS * median) {
      verdicts.push(`${scene}: the dearest quantum takes ${worst} instructions, more than ${UNEVENNESS} times the median of ${median}`);
    }
    for (const quantity of QUANTITIES) {
      const count = measured[scene][quantity];
      const { counted, allowed } = budgets[scene][quantity];
      const change = `${count} ${quantity}, ${percent(count / counted - 1)} against ${counted}`;
      if (count > allowed) verdicts.push(`${scene}: ${change}: over budget`);
      else if (count < counted * SLACK) verdicts.push(`${scene}: ${change}: tighten the budget`);
    }
  }
  return verdicts;
}

function percent(change) {
  return `${change < 0 ? '' : '+'}${(change * 100).toFixed(1)} %`;
}

function table(measured, budgets) {
  const rows = Object.entries(measured).map(([scene, { quanta, instructions, median, worst }]) => {
    const counted = budgets[scene]?.instructions.counted;
    const change = counted ? percent(instructions / counted - 1) : '';
    return [scene, Math.round(instructions / quanta), median, worst, change];
  });
  const line = ([scene, ...columns]) => scene.padEnd(40) + columns.map((column) => String(column).padStart(10)).join('');
  return [line(['instructions of a quantum or turn', 'mean', 'median', 'worst', 'change']), ...rows.map(line)].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [copy, option] = process.argv.slice(2);
  const path = fileURLToPath(new URL('budgets.json', import.meta.url));
  const measured = measure(new WebAssembly.Module(readFileSync(copy)));
  if (option === '--write') writeFileSync(path, `${JSON.stringify(budget(measured), null, 2)}\n`);
  const budgets = JSON.parse(readFileSync(path, 'utf8'));
  console.log(table(measured, budgets));
  const verdicts = judge(measured, budgets);
  if (verdicts.length > 0) {
    console.error(verdicts.join('\n'));
    process.exit(1);
  }
}
