// A table of faults that names a test which is not there, or leaves a fault out, is refused.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { complaints, namesInRust, namesInScript } from './faults.mjs';

const whole = Array.from({ length: 42 }, (_, index) => ({ number: index + 1, fault: 'Something breaks.', tests: ['suite: a test'] }));
const namesOf = (suite) => (suite === 'suite' ? new Set(['a test']) : null);
const changed = (entry) => [{ ...whole[0], ...entry }, ...whole.slice(1)];

test('a whole table is taken', () => assert.deepEqual(complaints(whole, namesOf), []));

test('what is not there is found', () => {
  assert.deepEqual(complaints(changed({ tests: ['suite: another'] }), namesOf), ['fault 1: suite has no test "another"']);
  assert.deepEqual(complaints(changed({ tests: ['other: a test'] }), namesOf), ['fault 1: there is no suite for "other: a test"']);
  assert.deepEqual(complaints(changed({ tests: [] }), namesOf), ['fault 1 has neither a test nor a reason']);
  assert.deepEqual(complaints(changed({ tests: [], elsewhere: 'Needs a telephone.' }), namesOf), []);
  assert.deepEqual(complaints(changed({ fault: '' }), namesOf), ['fault 1 is not told in a sentence']);
  assert.deepEqual(complaints(whole.slice(1), namesOf), ['fault 1 stands there 0 times']);
  assert.deepEqual(complaints([...whole, whole[0]], namesOf), ['fault 1 stands there 2 times']);
});

test('names are read as they are written', () => {
  const script = "import a from 'a';\nfor (const b of c) test(`${b}: one`, {}, () => {});\ntest('two', () => test('three'));\n// test('four')\nit('five');";
  assert.deepEqual([...namesInScript(script)], ['${b}: one', 'two', 'three']);
  assert.deepEqual([...namesInRust('#[test]\nfn one() {}\nfn two() {}\n#[test]\n#[ignore = "long"]\nfn three() {}')], ['one', 'three']);
});
