// Sums up what cargo-llvm-cov has measured, by crate: node scripts/coverage/lines.mjs SUMMARY.json
import { readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The share of a crate's lines that must be reached. */
const LEAST = { engine: 0.85 };

/** Lines of each crate that has sources below `root`: `{ crate: { count, covered } }`, by the folder before `src`. */
export function linesByCrate({ data: [{ files }] }, root) {
  const crates = {};
  for (const { filename, summary: { lines } } of files) {
    const [, crate] = /^(?!\.\.)(.*)\/src\//.exec(relative(root, filename)) ?? [];
    if (crate === undefined) continue;
    crates[crate] ??= { count: 0, covered: 0 };
    crates[crate].count += lines.count;
    crates[crate].covered += lines.covered;
  }
  return crates;
}

/** What is below `least`, in sentences; a crate without lines is, too. */
export function complaints(crates, least = LEAST) {
  return Object.entries(least).flatMap(([crate, share]) => {
    const { count, covered } = crates[crate] ?? { count: 0, covered: 0 };
    return covered >= share * count && count > 0 ? [] : [`Of ${crate}, ${covered} of ${count} lines are reached, less than ${100 * share} %.`];
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const crates = linesByCrate(JSON.parse(readFileSync(process.argv[2], 'utf8')), resolve('.'));
  for (const [crate, { count, covered }] of Object.entries(crates).sort()) {
    console.log(`${crate.padEnd(24)}${String(covered).padStart(7)} of ${String(count).padStart(6)} lines${(100 * covered / count).toFixed(1).padStart(7)} %`);
  }
  const sentences = complaints(crates);
  sentences.forEach((sentence) => console.error(sentence));
  process.exitCode = sentences.length > 0 ? 1 : 0;
}
