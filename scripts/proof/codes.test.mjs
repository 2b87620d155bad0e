// A code that no suite expects is found; one that only a comment or a longer text names is not expected.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codesIn, complaints } from './codes.mjs';

test('codes are read from the list', () => {
  assert.deepEqual(codesIn('codes! {\n    /// A disk.\n    DiskFull = "disk-full": "Delete something.";\n    // Words = "no-code"\n    Late = "late": "Wait.";\n}'), ['disk-full', 'late']);
});

test('what no suite expects is found', () => {
  const scripts = ["assertError(error, ['late']);", "// 'disk-full'\nlog('a disk-full of errors');"];
  assert.deepEqual(complaints(['late'], scripts), []);
  assert.deepEqual(complaints(['late', 'disk-full'], scripts), ['no suite expects the error disk-full']);
});
