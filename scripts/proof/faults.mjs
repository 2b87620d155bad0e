// Checks that each fault of tests/faults.json has its tests: node scripts/proof/faults.mjs
//
// A test is named as its suite has it, "SUITE: NAME" of a browser suite, with the holes of a template as they are written, or
// "native SUITE: NAME" and "lockfree SUITE: NAME" of a Rust one. What cannot run on any machine of ours says why in `elsewhere`.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'acorn';

const FAULTS = 42;

/** The names that a browser suite gives its tests, as they are written. */
export function namesInScript(source) {
  const names = new Set();
  const visit = (node) => {
    if (node.type === 'CallExpression' && node.callee.name === 'test' && ['Literal', 'TemplateLiteral'].includes(node.arguments[0]?.type)) {
      const [{ type, value, start, end }] = node.arguments;
      names.add(type === 'Literal' ? value : source.slice(start + 1, end - 1));
    }
    for (const value of Object.values(node)) {
      for (const child of Array.isArray(value) ? value : [value]) if (typeof child?.type === 'string') visit(child);
    }
  };
  visit(parse(source, { ecmaVersion: 'latest', sourceType: 'module' }));
  return names;
}

/** The names of the tests in a Rust file. */
export const namesInRust = (source) => new Set([...source.matchAll(/#\[test\]\s+(?:#\[[^\]]*\]\s+)*fn (\w+)/g)].map(([, name]) => name));

/** Sentences on what a table lacks. `namesOf` gives the names of the tests of a suite, null if there is no such suite. */
export function complaints(table, namesOf) {
  const found = [];
  for (let number = 1; number <= FAULTS; number += 1) {
    const entries = table.filter((entry) => entry.number === number);
    if (entries.length !== 1) found.push(`fault ${number} stands there ${entries.length} times`);
  }
  for (const { number, fault, tests = [], elsewhere } of table) {
    if (!(number >= 1 && number <= FAULTS)) found.push(`there is no fault ${number}`);
    if (!/\S.*\.$/.test(fault ?? '')) found.push(`fault ${number} is not told in a sentence`);
    if (tests.length === 0 && !/\S.*\.$/.test(elsewhere ?? '')) found.push(`fault ${number} has neither a test nor a reason`);
    for (const test of tests) {
      const [, suite, name] = /^([^:]+): (.+)$/s.exec(test) ?? [];
      const names = suite === undefined ? null : namesOf(suite);
      if (names === null) found.push(`fault ${number}: there is no suite for "${test}"`);
      else if (!names.has(name)) found.push(`fault ${number}: ${suite} has no test "${name}"`);
    }
  }
  return found;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = new URL('../../tests/', import.meta.url);
  const suites = new Map();
  const read = (suite) => {
    const [, kind, name] = /^(?:(native|lockfree) )?(\w+)$/.exec(suite) ?? [];
    const path = { native: `native/${name}.rs`, lockfree: `lockfree/suites/${name}.rs` }[kind] ?? `browser/suites/${name}.test.mjs`;
    const file = new URL(path, root);
    if (!existsSync(file)) return null;
    return (kind ? namesInRust : namesInScript)(readFileSync(file, 'utf8'));
  };
  const namesOf = (suite) => {
    if (!suites.has(suite)) suites.set(suite, read(suite));
    return suites.get(suite);
  };
  const table = JSON.parse(readFileSync(new URL('faults.json', root), 'utf8'));
  const found = complaints(table, namesOf);
  if (found.length > 0) {
    console.error(found.join('\n'));
    process.exit(1);
  }
  console.log(`Each of ${table.length} faults has its tests, ${table.flatMap(({ tests = [] }) => tests).length} in all.`);
}
