// Shells that must be refused, and one that must not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { complaints, readList, skew } from './shells.mjs';

const rules = readList(`
# A list.
import memory env.memory
global   __stack_pointer
audio    rt_process
audio    feeder_read
worker   worker_turn
building controller_open
misfortune fault`);

/** An audio shell whose process() has a body, with whatever else belongs to the class and the file. */
const shell = (body, members = '', rest = '') => `'use strict';
${rest}
class Player extends AudioWorkletProcessor {
  constructor() { super(); exports.controller_open(); exports.__stack_pointer.value = 1; }
  ${members}
  process() { ${body} return true; }
}`;

const found = (source, thread = 'audio') => complaints(source, thread, rules).map((line) => line.replace(/^line \d+: /, ''));

test('what process() may call passes', () => {
  assert.deepEqual(found(shell('const { exports } = this; exports.rt_process(exports.feeder_read(), exports.fault(1));')), []);
  assert.deepEqual(found(shell('this.a();', 'a() { this.b(); } b() {} c() { this.exports.controller_open(); }')), []);
  assert.deepEqual(found('while (exports.worker_turn(1, performance.now()));', 'worker'), []);
});

test('what process() may not call is found on every way to it', () => {
  const forbidden = ["process() reaches controller_open, which is not held to the audio thread's rules"];
  for (const source of [
    shell('exports.controller_open();'),
    shell('this.a();', 'a() { this.b(); } b() { exports.controller_open(); }'),
    shell('a();', '', 'function a() { exports.controller_open(); }'),
    shell('a();', '', 'const a = () => exports.controller_open();'),
    shell('table.a();', '', 'const table = { a: () => exports.controller_open() };'),
    shell('this.a();', 'b() { this.a = exports.controller_open; }'),
    shell('this.a();', 'b() { Object.assign(this, { a: exports.controller_open }); }'),
    shell('new Engine();', '', 'class Engine { constructor() { exports.controller_open(); } }'),
    shell('const { controller_open } = exports; controller_open();'),
    shell("this.call('controller_open');", 'call() {}'),
  ]) {
    assert.deepEqual(found(source), forbidden, source);
  }
});

test('a computed export is refused where process() can reach it', () => {
  const refused = ['process() reaches an export by a computed name'];
  assert.deepEqual(found(shell('this.exports[name]();')), refused);
  assert.deepEqual(found(shell('this.call(name);', 'call(name) { exports[name](); }')), refused);
  assert.deepEqual(found(shell('', 'call(name) { exports[name](); }')), []);
});

test('what is not exported is found', () => {
  assert.deepEqual(found(shell('', 'a() { exports.more(); }')), ['more is not exported']);
  assert.deepEqual(found(shell('', "a() { this.call('feeder_more'); }")), ['feeder_more is not exported']);
});

test('neither thread calls what is the other one\'s', () => {
  assert.deepEqual(found(shell('', 'a() { exports.worker_turn(); }')), ['worker_turn belongs to the workers']);
  assert.deepEqual(found('exports.rt_process();', 'worker'), ['rt_process belongs to the audio thread']);
});

test('a shell without process() is no audio shell', () => {
  assert.deepEqual(found('exports.rt_process();'), ['there is no process()']);
});

test('modules and newer syntax are refused', () => {
  assert.throws(() => found("import './more.js';", 'worker'), SyntaxError);
  assert.throws(() => found('class A { #secret = 1; }', 'worker'), SyntaxError);
});

test('a shell of another version than the module is refused', () => {
  assert.equal(skew('\nconst ABI = 7;\n', 7), '');
  assert.notEqual(skew('\nconst ABI = 7;\n', 8), '');
  assert.notEqual(skew('', 7), '');
});
