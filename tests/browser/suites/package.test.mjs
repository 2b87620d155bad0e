// The package as others get it: packed, unpacked beside applications that are built with their own tools, and heard in Chromium.

import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { listFiles } from '../../../scripts/package/manifest.mjs';
import { pack } from '../../../scripts/package/pack.mjs';
import { missing } from '../drivers/index.mjs';
import { prefix } from '../server/faults.mjs';
import { setUp } from './stage.mjs';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const built = join(root, 'target/package');
const sources = join(root, 'tests/package');
/** In the repository, so that tools are found, with the package as an installer would put it. */
const place = join(root, 'target/consumers');
const installed = join(place, 'node_modules/rusty-audio');

const run = promisify(execFile);
const hash = (path) => createHash('sha256').update(readFileSync(path)).digest('hex');

function unpack(tarball, folder) {
  mkdirSync(folder, { recursive: true });
  execFileSync('tar', ['-xzf', tarball, '-C', folder, '--strip-components=1']);
}

/** Gives a copy of the built package to `act`, in a folder that is gone afterwards. */
async function onCopy(act) {
  const folder = mkdtempSync(join(tmpdir(), 'package-'));
  try {
    cpSync(built, join(folder, 'package'), { recursive: true });
    return await act(join(folder, 'package'), folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

let tarball;
before(() => {
  rmSync(place, { recursive: true, force: true });
  tarball = pack(built, place);
  unpack(tarball, installed);
});

test('packed elsewhere, of files with other times, it is the same to the bit, and with another byte it is not', async () => {
  await onCopy((copy, folder) => {
    for (const file of listFiles(copy)) utimesSync(join(copy, file), 1e9, 1e9);
    assert.equal(hash(pack(copy, folder)), hash(tarball));
    writeFileSync(join(copy, 'processor.js'), '\n', { flag: 'a' });
    assert.notEqual(hash(pack(copy, folder)), hash(tarball));
  });
});

/** What the package in `folder` exports: a line for each address, with the names that a module there has. */
async function exportsOf(folder) {
  const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const lines = [];
  for (const [name, target] of Object.entries(exports)) {
    const names = target.default ? Object.keys(await import(pathToFileURL(join(folder, target.default)))).sort() : [];
    lines.push([name, ...names].join(' '));
  }
  return lines;
}

describe('what it exports', () => {
  const list = readFileSync(join(sources, 'exports.txt'), 'utf8').trim().split('\n');

  test('is what the list says', async () => assert.deepEqual(await exportsOf(installed), list));

  test('is not when a name is added or a file', () => onCopy(async (copy, folder) => {
    writeFileSync(join(copy, 'monitor.js'), '\nexport const added = 1;\n', { flag: 'a' });
    writeFileSync(join(copy, 'added.css'), '');
    const unpacked = join(folder, 'unpacked');
    unpack(pack(copy, folder), unpacked);
    const added = (await exportsOf(unpacked)).filter((line) => !list.includes(line));
    assert.deepEqual(added, ['./monitor Monitor added', './added.css']);
  }));
});

test('every file that its scripts load can be imported by name, so that bundlers and overrides find it', () => {
  const { exports } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  const loaded = listFiles(installed).filter((file) => file.endsWith('.js')).flatMap((file) => {
    const text = readFileSync(join(installed, file), 'utf8');
    return [...text.matchAll(/new URL\('([^'?]+)[^']*', import\.meta\.url\)/g)].map(([, address]) => new URL(address, `file:///${file}`).pathname);
  });
  assert.ok(loaded.length > 10, `${loaded}`);
  for (const path of loaded) assert.ok(`.${path}` in exports, path);
});

describe('publint', () => {
  const lint = async (folder) => (await import('publint')).publint({ pkgDir: folder, pack: false, strict: true });

  // Scripts without imports are classic ones, as Firefox below 114 needs them; what is no ES module publint takes for CommonJS.
  const classic = ['./decode-worker.js', './processor.js', './worker.js'];

  test('has nothing against it', async () => {
    const { messages } = await lint(installed);
    assert.deepEqual(messages.filter(({ code, path }) => !(code === 'FILE_INVALID_FORMAT' && classic.includes(path[1]))), []);
  });

  test('refuses an export without a file', () => onCopy(async (copy, folder) => {
    unpack(pack(copy, folder), join(folder, 'unpacked'));
    rmSync(join(folder, 'unpacked/monitor.js'));
    assert.ok((await lint(join(folder, 'unpacked'))).messages.some(({ code }) => code === 'FILE_DOES_NOT_EXIST'));
  }));
});

describe('are the types wrong?', () => {
  const ask = (path) => run('npx', ['--no-install', 'attw', path, '--profile', 'esm-only', '--format', 'ascii', '--no-emoji', '--no-color', '--entrypoints', '.', 'hud', 'monitor', 'spectrum'], { cwd: root });

  test('no', () => ask(tarball));

  test('they are when some are missing', () => onCopy(async (copy, folder) => {
    rmSync(join(copy, 'hud/index.d.ts'));
    await assert.rejects(ask(pack(copy, folder)), ({ stdout }) => /hud/.test(stdout));
  }));
});

describe('types', () => {
  const compile = (text) => {
    writeFileSync(join(place, 'types.ts'), text);
    const options = ['--ignoreConfig', '--noEmit', '--strict', '--target', 'es2022', '--module', 'nodenext', '--lib', 'es2022,dom', '--types', ''];
    return run('npx', ['--no-install', 'tsc', ...options, join(place, 'types.ts')], { cwd: root });
  };
  const fixture = readFileSync(join(sources, 'types.ts'), 'utf8');

  test('what a page may write compiles, and what it may not does not', () => compile(fixture));

  test('a line that was to fail and compiles is refused', () => assert.rejects(
    compile(`${fixture}\n// @ts-expect-error: it is fine.\nexport const latency = (node: EngineNode): number => node.latency;\n`),
    ({ stdout }) => /TS2578/.test(stdout),
  ));
});

describe('on a server', () => {
  test('it may be imported', async () => {
    for (const entry of ['rusty-audio', 'rusty-audio/hud', 'rusty-audio/monitor', 'rusty-audio/spectrum']) {
      await run(process.execPath, ['--input-type=module', '--eval', `await import('${entry}')`], { cwd: place });
    }
  });

  test('Vite builds it into what a server renders', async () => {
    const { build } = await import('vite');
    const folder = join(place, 'server');
    cpSync(join(sources, 'consumers/server'), folder, { recursive: true });
    await build({
      root: folder, configFile: false, logLevel: 'silent', ssr: { noExternal: ['rusty-audio'] },
      build: { ssr: 'render.js', outDir: 'built', minify: false },
    });
    const { render } = await import(pathToFileURL(join(folder, 'built/render.js')));
    assert.equal(render(), '<p>Engine PlayerNode Monitor LatencyHud SpectrumView</p>');
  });
});

/** How each consumer is made of `consumers/page`; its page is then in the folder that is returned. */
const builds = {
  async plain(folder) {
    // Without a bundler bare names are addresses.
    const page = readFileSync(join(folder, 'page.js'), 'utf8');
    writeFileSync(join(folder, 'page.js'), page.replaceAll(/'rusty-audio(\/\w+)?'/g, (_, entry = '') => `'./audio${entry}/index.js'`));
    cpSync(installed, join(folder, 'audio'), { recursive: true });
    return folder;
  },

  async vite(folder) {
    const { build } = await import('vite');
    await build({ root: folder, base: './', configFile: false, logLevel: 'silent' });
    return join(folder, 'dist');
  },

  async webpack(folder) {
    const { default: webpack } = await import('webpack');
    const stats = await promisify(webpack)({
      mode: 'production', target: 'web', context: folder, entry: './page.js', performance: false,
      output: { path: join(folder, 'dist'), filename: 'page.js' },
    });
    assert.deepEqual(stats.toJson({ all: false, errors: true, warnings: true }), { errors: [], warnings: [] });
    cpSync(join(folder, 'index.html'), join(folder, 'dist/index.html'));
    return join(folder, 'dist');
  },

  async esbuild(folder) {
    const { build } = await import('esbuild');
    await build({ absWorkingDir: folder, entryPoints: ['page.js'], bundle: true, format: 'esm', outdir: 'dist', logLevel: 'silent' });
    cpSync(join(folder, 'index.html'), join(folder, 'dist/index.html'));
    // It leaves `import.meta.url` alone, so the files are looked for beside the bundle.
    cpSync(installed, join(folder, 'dist'), { recursive: true });
    return join(folder, 'dist');
  },
};

async function make(name) {
  const folder = join(place, name);
  cpSync(join(sources, 'consumers/page'), folder, { recursive: true });
  const result = await builds[name](folder);
  return `consumers${result.slice(place.length)}`;
}

/** What `script-src` must allow at least, and workers from trusted addresses only. */
const STRICT = "default-src 'self'; img-src data:; script-src 'self' 'wasm-unsafe-eval'; require-trusted-types-for 'script'; trusted-types rusty-audio";

describe('consumers', { skip: missing('chromium') }, () => {
  const chromium = setUp('chromium');

  /** Opens a page and has it do what all do. */
  async function hear(address, options = {}) {
    const page = await chromium.browser.open(address);
    try {
      return { ...(await page.evaluate(`async (options) => {
        for (let tries = 0; !window.consumer && tries < 200; tries += 1) await new Promise((resolve) => { setTimeout(resolve, 50); });
        return window.consumer ? window.consumer.run(options) : { failed: 'the page did not load' };
      }`, options)), console: page.console };
    } finally {
      await page.close();
    }
  }

  function assertHeard({ failed, samples, mode, modeReason, container, duration, peakLeft, direct, styled, console: lines }, expected = 'shared') {
    assert.equal(failed, undefined, `${failed}\n${lines.join('\n')}`);
    assert.equal(mode, expected, modeReason);
    samples.forEach((sample, frame) => assert.equal(sample, Math.fround(Math.fround(frame / 1280) / 4), `frame ${frame}`));
    assert.deepEqual({ container, duration, direct, styled }, { container: 'WAV', duration: 0.25, direct: 64, styled: [true, true] });
    assert.ok(peakLeft > 0.4 && peakLeft < 0.5, `${peakLeft}`);
  }

  for (const name of Object.keys(builds)) {
    test(name, async () => {
      const path = await make(name);
      assertHeard(await hear(`${chromium.server.origin}/${path}/index.html`));
    });
  }

  // All further ones are the plain page.
  const plain = (faults) => `${prefix(faults)}/consumers/plain/index.html`;

  test('without isolation', async () => {
    assertHeard(await hear(chromium.server.origin + plain({ isolation: 'off' })), 'solo');
  });

  test('under a strict policy with Trusted Types', async () => {
    const result = await hear(chromium.server.origin + plain({ policy: STRICT }));
    assertHeard(result);
    assert.deepEqual(result.console.filter((line) => line.startsWith('error')), []);
  });

  test('under a policy that allows another name', async () => {
    const policy = STRICT.replace('rusty-audio', 'sound');
    assertHeard(await hear(chromium.server.origin + plain({ policy }), { trustedTypesPolicyName: 'sound' }));
    const { code } = await hear(chromium.server.origin + plain({ policy }));
    assert.equal(code, 'trusted-types-blocked');
  });

  for (const [mode, faults] of [['shared', {}], ['solo', { isolation: 'off' }]]) {
    test(`with its files on another origin, ${mode}`, async () => {
      const folder = join(place, 'other');
      cpSync(join(place, 'plain'), folder, { recursive: true });
      const text = readFileSync(join(folder, 'page.js'), 'utf8');
      writeFileSync(join(folder, 'page.js'), text.replaceAll("'./audio/", `'${chromium.server.otherOrigin}/~cors=allow/consumers/plain/audio/`));
      rmSync(join(folder, 'audio'), { recursive: true });
      assertHeard(await hear(`${chromium.server.origin}${prefix(faults)}/consumers/other/index.html`), mode);
    });
  }

  test('with all files in one folder that the page names, and one of them elsewhere', async () => {
    const folder = join(place, 'named');
    cpSync(join(place, 'plain'), folder, { recursive: true });
    cpSync(join(folder, 'audio'), join(folder, 'files'), { recursive: true });
    for (const file of listFiles(join(folder, 'audio')).filter((name) => /wasm$|^(processor|meter|worker|decode-worker)\.js$/.test(name))) rmSync(join(folder, 'audio', file));
    cpSync(join(folder, 'files/engine.wasm'), join(folder, 'module.wasm'));
    rmSync(join(folder, 'files/engine.wasm'));
    const address = `${chromium.server.origin}/consumers/named/index.html`;
    assertHeard(await hear(address, { assetBaseUrl: 'files', assetUrls: { 'engine.wasm': 'module.wasm' } }));
    assert.equal((await hear(address, { assetBaseUrl: 'files' })).code, 'asset-not-found');
    assert.equal((await hear(address, { assetUrls: { 'motor.wasm': '' } })).code, 'invalid-argument');
  });

  test('the development server of Vite', async () => {
    const { createServer } = await import('vite');
    const folder = join(place, 'vite-server');
    cpSync(join(sources, 'consumers/page'), folder, { recursive: true });
    const server = await createServer({
      root: folder, configFile: false, logLevel: 'silent', optimizeDeps: { exclude: ['rusty-audio'] },
      server: {
        host: '127.0.0.1', port: 0, hmr: false, watch: null, fs: { allow: [place] },
        headers: { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' },
      },
    });
    try {
      await server.listen();
      assertHeard(await hear(`http://127.0.0.1:${server.httpServer.address().port}/`));
    } finally {
      await server.close();
    }
  });
});

describe('beside other libraries', { skip: missing('chromium') }, () => {
  const flags = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', '--js-flags=--expose-gc'];
  const chromium = setUp('chromium', { options: { flags } });
  let page;
  before(async () => {
    const { build } = await import('esbuild');
    const folder = join(place, 'libraries');
    cpSync(join(sources, 'consumers/libraries'), folder, { recursive: true });
    await build({ absWorkingDir: folder, entryPoints: ['page.js'], bundle: true, format: 'esm', outdir: 'dist', logLevel: 'silent' });
    cpSync(installed, join(folder, 'dist'), { recursive: true });
    cpSync(join(folder, 'index.html'), join(folder, 'dist/index.html'));
    page = await chromium.browser.open(`${chromium.server.origin}/consumers/libraries/dist/index.html`);
  });
  after(() => page?.close());
  const ask = (name) => page.evaluate(`async (name) => {
    for (let tries = 0; !window.libraries && tries < 200; tries += 1) await new Promise((resolve) => { setTimeout(resolve, 50); });
    return window.libraries[name]();
  }`, name);

  test('standardized-audio-context connects, automates and renders a node that is made with its class', async () => {
    const { values, preset, wrapped } = await ask('standardized');
    assert.deepEqual(values, [0.25]);
    assert.deepEqual(preset.effects, [{ effect: 'gain', name: 'gain' }]);
    assert.ok(wrapped);
  });

  test("Tone.js's nodes sound before and behind one, live", async () => {
    assert.deepEqual(await ask('tone'), { values: [0.125], mode: 'shared' });
  });

  test('a MediaStream sounds through a node', async () => assert.equal(await ask('mediaStream'), 0.25));

  test('a media element sounds through a node', async () => {
    const peak = await ask('mediaElement');
    assert.ok(peak > 0.01 && peak < 0.26, `${peak}`);
  });

  test('a microphone sounds through a node', async () => {
    const peak = await ask('microphone');
    assert.ok(peak > 0.01 && peak < 1.5, `${peak}`);
  });

  test('several nodes in several contexts, at a time', async () => {
    assert.deepEqual(await ask('several'), [[0.125], [0.25], [0.5], [1]]);
  });

  test('what was disposed of, twice, is collected, and an engine that was says so', async () => {
    assert.deepEqual(await ask('disposed'), { made: 8, left: 0, refusal: 'disposed' });
  });

  test('presets that are none, and signals that have fired, are refused with a code', async () => {
    const codes = await ask('refusals');
    for (const [call, code] of Object.entries(codes)) assert.equal(code, call.startsWith('{') ? 'invalid-argument' : 'aborted', call);
  });
});

after(() => rmSync(place, { recursive: true, force: true }));
