// Checks that a browser suite expects each error code, as a text of its own: node scripts/proof/codes.mjs
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'acorn';

/** The codes that a Rust file lists. */
export const codesIn = (source) => [...source.matchAll(/^ {4}\w+ = "([a-z-]+)": "/gm)].map(([, code]) => code);

/** All texts of a script. */
export function textsIn(source) {
  const texts = new Set();
  parse(source, { ecmaVersion: 'latest', sourceType: 'module', onToken: ({ type, value }) => { if (type.label === 'string') texts.add(value); } });
  return texts;
}

/** Sentences on codes of which no script has the text. */
export function complaints(codes, scripts) {
  const texts = new Set(scripts.flatMap((script) => [...textsIn(script)]));
  return codes.filter((code) => !texts.has(code)).map((code) => `no suite expects the error ${code}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = new URL('../../', import.meta.url);
  const suites = new URL('tests/browser/suites/', root);
  const codes = codesIn(readFileSync(new URL('host/protocol/src/error.rs', root), 'utf8'));
  const found = complaints(codes, readdirSync(suites).map((name) => readFileSync(new URL(name, suites), 'utf8')));
  if (found.length > 0 || codes.length === 0) {
    console.error(found.join('\n'));
    process.exit(1);
  }
  console.log(`Each of ${codes.length} error codes is expected by a suite.`);
}
