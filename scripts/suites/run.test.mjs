// What has failed, hung, been cut off or tested nothing is reported so, and only what has passed is green.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const folder = mkdtempSync(join(tmpdir(), 'suites-'));
after(() => rmSync(folder, { recursive: true }));
const root = fileURLToPath(new URL('../../', import.meta.url));

/** Runs lines of bash that have run.sh. Returns what they print and whether the suites that they report are green. */
function run(lines) {
  const script = `cd '${root}' && source scripts/suites/run.sh && logs='${folder}'\n${lines}\nreport_all`;
  // A runner within a runner would say what it finds in the language of the outer one.
  const { NODE_TEST_CONTEXT, ...env } = process.env;
  const { status, stdout } = spawnSync('bash', ['-c', script], { encoding: 'utf8', env });
  return { isGreen: status === 0, told: stdout };
}

/** Reports a suite of one file of tests, which is ended after `seconds`. */
function runFile(text, seconds = 60) {
  const path = join(folder, 'planted.test.mjs');
  writeFileSync(path, `import assert from 'node:assert/strict';\nimport { test } from 'node:test';\n${text}`);
  return run(`run_suite planted run_file ${seconds} '${path}'\nreport_suite planted`);
}

/** Reports a suite that prints these lines and ends with `status`. */
const runLines = (lines, status = 0) => run(`say() { printf '%s\\n' ${lines.map((line) => `'${line}'`).join(' ')}; return ${status}; }
run_suite planted run_lines say\nreport_suite planted`);

test('a file whose tests pass is green, with what it has skipped', () => {
  const { isGreen, told } = runFile("test('one', () => {});\ntest('two', { skip: 'no such browser' }, () => {});");
  assert.ok(isGreen, told);
  assert.match(told, /^planted: 1 passed, 0 failed, 1 skipped$/m);
  assert.match(told, /two # SKIP no such browser/);
});

test('a test that fails is named at the end with its reason', () => {
  const { isGreen, told } = runFile("test('group', async (t) => { await t.test('inner', () => assert.equal(1, 2, 'one is not two')); });\ntest('other', () => {});");
  assert.ok(!isGreen, told);
  assert.match(told, /\nFailed: planted \(logs in .*\)\nplanted: inner: .*one is not two.*\n\n1 passed, 2 failed, 0 skipped\n$/);
});

test('a file that hangs, and one that ends in the middle, have failed', () => {
  for (const [text, seconds] of [["test('one', () => new Promise(() => { setInterval(() => {}, 1000); }));", 2], ["test('one', () => process.exit(1));"]]) {
    const { isGreen, told } = runFile(text, seconds);
    assert.ok(!isGreen, told);
  }
});

test('lines are counted, and the status counts with them', () => {
  assert.match(runLines(['ok a', 'ok b # SKIP not here']).told, /^planted: 1 passed, 0 failed, 1 skipped$/m);
  const failed = runLines(['ok a', 'not ok b']);
  assert.ok(!failed.isGreen);
  assert.match(failed.told, /^planted: b$/m);
  assert.ok(!runLines(['ok a'], 1).isGreen);
  assert.ok(!runLines([]).isGreen);
});

test('a log that was never ended has failed, whatever it says', () => {
  for (const log of ['ok 1 - one\ncounted 1 0 0\n', 'ok 1 - one\n', '']) {
    writeFileSync(join(folder, 'planted.log'), log);
    const { isGreen, told } = run('report_suite planted');
    assert.ok(!isGreen, told);
    assert.match(told, /It was ended from outside/);
  }
  writeFileSync(join(folder, 'planted.log'), 'ok 1 - one\ncounted 1 0 0\ntook 1\n');
  assert.ok(run('report_suite planted').isGreen);
});
