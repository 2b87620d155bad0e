// A budget that cannot be exceeded is none: what costs more, less, or something else than was counted is refused.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { budget, judge } from './cost.mjs';
import { summary } from './scenes.mjs';

const counted = { playing: { quanta: 100, instructions: 100_000, worst: 1_500 } };
const budgets = budget(counted);
const change = (part) => judge({ playing: { ...counted.playing, ...part } }, budgets);

test('what was counted, and 2 % more, is allowed', () => {
  assert.deepEqual(judge(counted, budgets), []);
  assert.deepEqual(change({ instructions: 102_000, worst: 1_530 }), []);
});

test('more work is refused, on the whole or in one quantum', () => {
  assert.match(change({ instructions: 102_001 }).join(), /^playing: 102001 instructions, \+2\.0 % against 100000: over budget$/);
  assert.match(change({ worst: 1_531 }).join(), /over budget/);
});

test('a budget that became loose is refused', () => {
  assert.deepEqual(change({ instructions: 90_000 }), []);
  assert.match(change({ instructions: 89_999 }).join(), /tighten/);
});

test('a scene without its budget, a budget without its scene, and another scene under its name are refused', () => {
  assert.equal(judge({ ...counted, paused: counted.playing }, budgets).length, 1);
  assert.equal(judge({}, budgets).length, 1);
  assert.equal(change({ quanta: 99 }).length, 1);
});

test('where work must lie evenly, a quantum of more than twice the median is refused', () => {
  const verdicts = (counts, even) => {
    const measured = { convolving: summary(counts, even) };
    return judge(measured, budget(measured));
  };
  assert.deepEqual(verdicts([100, 100, 200, 100], true), []);
  assert.match(verdicts([100, 100, 201, 100], true).join(), /more than 2 times the median of 100/);
  assert.deepEqual(verdicts([100, 100, 201, 100], false), []);
});
