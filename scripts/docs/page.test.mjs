// The pages of docs/ agree with the sources, and a page that does not is refused.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { blocks, brokenLinks, programs, sectionComplaints } from './page.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const guide = readFileSync(`${root}docs/MULTITHREADED_WASM_USER_GUIDE.md`, 'utf8');

/** The codes of the protocol's table. */
function codes() {
  const source = execFileSync('cargo', ['run', '--quiet', '-p', 'rusty-audio-protocol', '--example', 'error_codes'], { cwd: root, encoding: 'utf8' });
  return [...source.matchAll(/^ {2}'([a-z-]+)': /gm)].map(([, code]) => code);
}

test('every error code has a section, and every section a code', () => {
  const known = codes();
  assert.ok(known.length > 20, `${known.length} codes`);
  assert.deepEqual(sectionComplaints(guide, known), []);
});

test('a code without a section, a section without a code and two sections are refused', () => {
  const page = '### `known`\n\ntext\n\n### `strange`\n\n### `known`\n';
  assert.deepEqual(sectionComplaints(page, ['known', 'missing']), [
    'missing has no section.', 'There is a section on strange, and no such code.', 'known has two sections.',
  ]);
});

test('blocks are found with language and name, also indented ones', () => {
  const page = '```js a.js\nlet a;\n```\n\n   ```sh\n   ls\n   ```\n';
  assert.deepEqual(blocks(page), [{ language: 'js', name: 'a.js', text: 'let a;\n' }, { language: 'sh', name: '', text: '   ls\n' }]);
});

test('a program that nothing can run is refused', () => {
  assert.throws(() => programs('```js\nlet a;\n```\n'), /no name of a file/);
  assert.throws(() => programs('```js a.js\n```\n\n```html a.js\n```\n'), /two blocks called a\.js/);
});

const pages = ['', 'docs/'].flatMap((folder) => readdirSync(root + folder).filter((name) => name.endsWith('.md')).map((name) => folder + name));
for (const page of pages) {
  test(`every link of ${page} leads somewhere`, () => assert.deepEqual(brokenLinks(root + page), []));
}

test('a link to no file and to no heading is refused', () => {
  const folder = mkdtempSync(join(tmpdir(), 'page-'));
  try {
    const path = join(folder, 'page.md');
    writeFileSync(path, '# What is here?\n\n[a](#what-is-here) [b](#nothing) [c](none.md) [d](page.md) [e](page.md#no) [f](https://example.com/none)\n');
    assert.deepEqual(brokenLinks(path), ['#nothing', 'none.md', 'page.md#no']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
