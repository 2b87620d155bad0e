// Checks that the package's scripts are in the language of the oldest browsers: node scripts/proof/syntax.mjs FILE…
//
// Modules are files that import or export. Of what these browsers lack this knows syntax, not functions.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'acorn';

/** The last edition that Chrome 92, Firefox 79 (logical assignment came with it) and Safari 15.2 know in full, but for one form of export. */
export const ECMA_VERSION = 2021;

/** A sentence on a script that those browsers would not run; '' if they would. */
export function complaint(source) {
  try {
    parseAs(source, 'script');
    return '';
  } catch (error) {
    if (!/'import'|'export'|import\.meta|sourceType: module/.test(error.message)) return `${error.message}.`;
  }
  try {
    const program = parseAs(source, 'module');
    const named = program.body.find(({ type, exported }) => type === 'ExportAllDeclaration' && exported !== null);
    return named ? 'Firefox knows `export * as` since version 80.' : '';
  } catch (error) {
    return `${error.message}.`;
  }
}

const parseAs = (source, sourceType) => parse(source, { ecmaVersion: ECMA_VERSION, sourceType });

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const files = process.argv.slice(2);
  const complaints = files.map((path) => [path, complaint(readFileSync(path, 'utf8'))]).filter(([, sentence]) => sentence !== '');
  if (files.length === 0 || complaints.length > 0) {
    console.error(complaints.map((parts) => parts.join(': ')).join('\n') || 'There are no files.');
    process.exit(1);
  }
  console.log(`Chrome 92, Firefox 79 and Safari 15.2 know the syntax of ${files.length} scripts.`);
}
