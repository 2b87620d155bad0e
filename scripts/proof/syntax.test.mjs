// What the oldest browsers cannot parse is refused, in scripts and in modules.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { complaint } from './syntax.mjs';

test('what they know is taken', () => {
  for (const source of ['a?.b ?? c;', 'a ??= 1_000;', 'class A extends B {}', 'async () => { for await (const a of b) a(); };', "import a from './a.js'; export { a };", 'import.meta.url;', "export * from './a.js';"]) {
    assert.equal(complaint(source), '', source);
  }
});

test('what came later is refused', () => {
  for (const source of ['class A { #b = 1; }', 'class A { static {} }', 'class A { b = 1; }', 'export class A { #b() {} }', "import a from './a.js'; await a;", "export * as a from './a.js';", 'not a script']) {
    assert.notEqual(complaint(source), '', source);
  }
});
