// Checks what the worklet's shells call: node scripts/proof/shells.mjs LIST PROCESSOR WORKER MODULE
//
// - Both are classic scripts in the language of the oldest browsers that the engine runs in.
// - Every export that they name is listed.
// - Their number of the protocol is the module's.
// - What `process()` can reach, by any name, calls only exports that are held to the audio thread's rules.
// - `rt_*` is called by the audio thread's shell alone, `worker_*` by the worker's alone.
//
// Functions are told apart by name only. So more counts as reachable than is, never less, unless a name is computed:
// a computed member of the module's exports is refused wherever `process()` can reach it.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'acorn';
import { ECMA_VERSION } from './syntax.mjs';

const EXPORT_NAME = /^(rt|worker|controller|feeder)_/;

/** The rules of exports by name, from the list. */
export function readList(text) {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const words = lines.map((line) => line.split(/\s+/)).filter(([rule]) => rule !== 'import' && rule !== 'start');
  return new Map(words.map(([rule, name]) => [name, rule]));
}

/** Sentences on what is wrong with a shell. `thread` is 'audio' or 'worker'. */
export function complaints(source, thread, rules) {
  const program = parse(source, { ecmaVersion: ECMA_VERSION, sourceType: 'script', locations: true });
  const functions = namedFunctions(program);
  const found = [];
  const complain = (node, sentence) => found.push(`line ${node.loc.start.line}: ${sentence}`);
  for (const { node, name } of uses(program, rules)) {
    if (!rules.has(name)) complain(node, `${name} is not exported`);
    else if (thread !== 'audio' && name.startsWith('rt_')) complain(node, `${name} belongs to the audio thread`);
    else if (thread !== 'worker' && rules.get(name) === 'worker') complain(node, `${name} belongs to the workers`);
  }
  if (thread !== 'audio') return found;
  const reached = reachable(functions, 'process');
  if (reached.length === 0) found.push('there is no process()');
  for (const body of reached) {
    for (const { node, name } of uses(body, rules)) {
      if (!['audio', 'misfortune', 'global'].includes(rules.get(name))) {
        complain(node, `process() reaches ${name}, which is not held to the audio thread's rules`);
      }
    }
    visit(body, (node) => {
      if (node.type === 'MemberExpression' && node.computed && nameOf(node.object) === 'exports') {
        complain(node, 'process() reaches an export by a computed name');
      }
    });
  }
  return [...new Set(found)];
}

/** A sentence if a shell has another number of the protocol than `abi`; '' if it has that one. */
export function skew(source, abi) {
  const found = /^const ABI = (\d+);$/m.exec(source)?.[1];
  return found === String(abi) ? '' : `its ABI is ${found}, the module's ${abi}`;
}

/** The number of the protocol that a module says. */
export function abiOf(bytes) {
  const memory = new WebAssembly.Memory({ initial: 64, maximum: 64, shared: true });
  return new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } }).exports.controller_abi();
}

/** Exports that are named in a tree: members, destructured properties, and strings that look like one. */
function uses(tree, rules) {
  const found = [];
  const isExport = (name) => rules.has(name) || EXPORT_NAME.test(name);
  visit(tree, (node) => {
    let name;
    if (node.type === 'MemberExpression' && !node.computed) {
      name = node.property.name;
      if (nameOf(node.object) === 'exports') return found.push({ node, name });
    } else if (node.type === 'Property' && !node.computed) name = node.key.name ?? node.key.value;
    else if (node.type === 'Literal' && typeof node.value === 'string') name = node.value;
    if (name !== undefined && isExport(name)) found.push({ node, name });
  });
  return found;
}

/**
 * Bodies of functions by every name that they are given: of a method, a variable, a property or a field; constructors
 * by the name of their class. What is a mere alias of a function counts as its body.
 */
function namedFunctions(program) {
  const functions = new Map();
  const add = (name, body) => name !== undefined && functions.set(name, [...(functions.get(name) ?? []), body]);
  const addFunction = (name, value) => {
    if (/^((Arrow)?FunctionExpression|MemberExpression|Identifier)$/.test(value?.type)) add(name, value);
  };
  visit(program, (node) => {
    if (node.type === 'FunctionDeclaration') add(node.id.name, node);
    else if (/^Class(Declaration|Expression)$/.test(node.type)) {
      node.body.body.forEach(({ kind, key, value }) => add(kind === 'constructor' ? node.id?.name : key.name, value));
    } else if (node.type === 'VariableDeclarator') addFunction(nameOf(node.id), node.init);
    else if (node.type === 'Property') addFunction(nameOf(node.key), node.value);
    else if (node.type === 'AssignmentExpression') addFunction(nameOf(node.left), node.right);
  });
  return functions;
}

/** Every function that `start` reaches by mentioning its name. */
function reachable(functions, start) {
  const names = new Set([start]);
  const bodies = [];
  for (const name of names) {
    for (const body of functions.get(name) ?? []) {
      bodies.push(body);
      visit(body, (node) => functions.has(nameOf(node)) && names.add(nameOf(node)));
    }
  }
  return bodies;
}

/** The last name of `name`, `this.name` or `object.name`. */
function nameOf(node) {
  if (node.type === 'Identifier') return node.name;
  return node.type === 'MemberExpression' && !node.computed ? node.property.name : undefined;
}

function visit(node, look) {
  look(node);
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (typeof child?.type === 'string') visit(child, look);
    }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = (path) => readFileSync(path, 'utf8');
  const [list, processor, worker, module] = process.argv.slice(2);
  const rules = readList(file(list));
  const abi = abiOf(readFileSync(module));
  const found = [[processor, 'audio'], [worker, 'worker']].flatMap(([path, thread]) =>
    [...complaints(file(path), thread, rules), skew(file(path), abi)].filter((complaint) => complaint !== '').map((complaint) => `${path}, ${complaint}`));
  if (found.length > 0) {
    console.error(found.join('\n'));
    process.exit(1);
  }
  console.log('The shells call what they may.');
}
