// The sums are right, and a crate of which too little is reached is refused.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { complaints, linesByCrate } from './lines.mjs';

const file = (filename, count, covered) => ({ filename, summary: { lines: { count, covered } } });

test('lines are summed up by crate, and foreign files are left out', () => {
  const summary = { data: [{ files: [file('/r/engine/src/a.rs', 10, 9), file('/r/engine/src/b/c.rs', 10, 8), file('/r/host/monitor/src/a.rs', 3, 3), file('/cargo/x/src/a.rs', 5, 0), file('/r/tests/lib.rs', 5, 0)] }] };
  assert.deepEqual(linesByCrate(summary, '/r'), { engine: { count: 20, covered: 17 }, 'host/monitor': { count: 3, covered: 3 } });
});

test('a line less than asked, and a crate that is not there, are refused', () => {
  assert.deepEqual(complaints({ engine: { count: 20, covered: 17 } }), []);
  assert.match(complaints({ engine: { count: 20, covered: 16 } })[0], /16 of 20/);
  assert.equal(complaints({}).length, 1);
});
