// The configurations of docs/hosts: each host is started with its file, and a page that it serves runs in shared mode.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { HEADERS, serve } from '../../../scripts/serve.mjs';
import { launch, missing } from '../drivers/index.mjs';
import { makeGuideSite } from '../server/guide.mjs';

const hosts = fileURLToPath(new URL('../../../docs/hosts/', import.meta.url));
const modules = '/usr/lib/apache2/modules';

/** How each host is started for a folder, with its file of docs/hosts where the guide says that it goes. */
const servers = {
  nginx: {
    program: 'nginx',
    file: 'nginx.conf',
    configuration: ({ file, folder, port, place }) => `
      daemon off; master_process off; pid ${place}/pid; error_log stderr;
      events {}
      http {
        include /etc/nginx/mime.types; access_log off;
        client_body_temp_path ${place}/body; proxy_temp_path ${place}/proxy; fastcgi_temp_path ${place}/fastcgi;
        uwsgi_temp_path ${place}/uwsgi; scgi_temp_path ${place}/scgi;
        server { listen 127.0.0.1:${port}; root ${folder}; include ${file}; }
      }`,
    parameters: (path) => ['-e', 'stderr', '-c', path],
  },
  apache2: {
    program: 'apache2',
    file: 'apache.conf',
    configuration: ({ file, folder, port, place }) => `
      ${['mpm_event', 'authz_core', 'dir', 'filter', 'deflate', 'headers', 'mime'].map((name) => `LoadModule ${name}_module ${modules}/mod_${name}.so`).join('\n')}
      ServerName localhost
      Listen 127.0.0.1:${port}
      PidFile ${place}/pid
      DefaultRuntimeDir ${place}
      ErrorLog "|/bin/cat 1>&2"
      User www-data
      Group www-data
      TypesConfig /dev/null
      AddType text/html .html
      DocumentRoot ${folder}
      <Directory ${folder}>
        Require all granted
      </Directory>
      Include ${file}`,
    parameters: (path) => ['-f', path, '-DFOREGROUND'],
  },
  caddy: {
    program: 'caddy',
    file: 'Caddyfile',
    configuration: ({ file, folder, port }) => `{\n\tadmin off\n}\nhttp://127.0.0.1:${port} {\n\troot * ${folder}\n\tfile_server\n\timport ${file}\n}\n`,
    parameters: (path) => ['run', '--adapter', 'caddyfile', '--config', path],
  },
};

/** Why a program cannot be run here, or false. */
function absent(program) {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`]);
    return false;
  } catch {
    if (process.env.CI === 'true') throw new Error(`${program} is not installed, and with CI=true its absence is a failure`);
    return `${program} is not installed`;
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}

/** Starts a host with `file`; resolves to `{ address, close }` once it answers. */
async function start({ program, configuration, parameters }, file, folder) {
  const place = mkdtempSync(join(tmpdir(), 'host-'));
  const port = await freePort();
  const path = join(place, 'configuration');
  writeFileSync(path, configuration({ file, folder, port, place }));
  const host = spawn(program, parameters(path), { env: { ...process.env, HOME: place, XDG_DATA_HOME: place, XDG_CONFIG_HOME: place }, stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  for (const stream of [host.stdout, host.stderr]) stream.on('data', (data) => { log += data; });
  const ended = once(host, 'exit');
  const address = `http://127.0.0.1:${port}/`;
  async function close() {
    host.kill();
    await ended;
    rmSync(place, { recursive: true });
  }
  for (let tries = 0; ; tries += 1) {
    try {
      await fetch(address);
      return { address, close };
    } catch (error) {
      if (tries === 200 || host.exitCode !== null) {
        await close();
        throw new Error(`${program} does not answer:\n${log}`, { cause: error });
      }
      await delay(50);
    }
  }
}

/** What is wrong with the answers of a host; empty if nothing is. */
async function complaints(address) {
  const found = [];
  for (const path of ['', 'rusty-audio/engine.wasm', 'rusty-audio/worker.js', 'none.js']) {
    const response = await fetch(address + path);
    await response.arrayBuffer();
    for (const [name, value] of Object.entries(HEADERS)) {
      if (response.headers.get(name) !== value) found.push(`/${path}: ${name} is ${response.headers.get(name)}`);
    }
    const type = response.headers.get('content-type');
    if (path.endsWith('.wasm') && type !== 'application/wasm') found.push(`/${path}: type ${type}`);
    if (path.endsWith('worker.js') && !/^(text|application)\/javascript/.test(type)) found.push(`/${path}: type ${type}`);
    if (path.startsWith('rusty-audio') && response.headers.get('content-encoding') !== 'gzip') found.push(`/${path}: not compressed`);
  }
  return found;
}

const skip = missing('chromium');
const fixture = {};
before(async () => {
  if (skip) return;
  fixture.site = makeGuideSite();
  fixture.browser = await launch('chromium');
});
after(async () => {
  await fixture.browser?.close();
  fixture.site?.remove();
});

async function modeAt(address) {
  const page = await fixture.browser.open(`${address}blank.html`);
  try {
    return await page.tab.evaluate("import('./threads.js').then(({ wide }) => wide.mode)");
  } finally {
    await page.close();
  }
}

for (const [name, server] of Object.entries(servers)) {
  test(`${name} serves a page that runs in shared mode`, { skip: skip || absent(server.program) }, async () => {
    const host = await start(server, hosts + server.file, fixture.site.folder);
    try {
      assert.deepEqual(await complaints(host.address), []);
      assert.equal(await modeAt(host.address), 'shared');
    } finally {
      await host.close();
    }
  });
}

test('a host without the file is refused', { skip: skip || absent('nginx') }, async () => {
  const host = await start(servers.nginx, '/dev/null', fixture.site.folder);
  try {
    assert.ok((await complaints(host.address)).some((complaint) => complaint.includes('Cross-Origin-Opener-Policy is null')));
    assert.equal(await modeAt(host.address), 'solo');
  } finally {
    await host.close();
  }
});

/** The rules of a `_headers` file: `{ path: { name: value } }`. */
function headerRules(text) {
  const rules = {};
  let path = null;
  for (const line of text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'))) {
    if (!/^\s/.test(line)) {
      path = line.trim();
      rules[path] = {};
    } else {
      const [, name, value] = /^\s+([^:]+): (.*)$/.exec(line);
      rules[path][name] = value;
    }
  }
  return rules;
}

test('Netlify and Cloudflare Pages are told the headers that the demo is served with', () => {
  assert.deepEqual(headerRules(readFileSync(`${hosts}_headers`, 'utf8')), { '/*': HEADERS });
  assert.notDeepEqual(headerRules('/*\n  Cross-Origin-Opener-Policy: same-origin\n'), { '/*': HEADERS });
});

test('so are both servers of Vite', async () => {
  const { default: configuration } = await import(`${hosts}vite.config.js`);
  assert.deepEqual(configuration, { server: { headers: HEADERS }, preview: { headers: HEADERS } });
});

test('and the demo is served with them', async () => {
  const server = await serve(fileURLToPath(new URL('.', import.meta.url)));
  try {
    const { headers } = await fetch(server.address);
    for (const [name, value] of Object.entries(HEADERS)) assert.equal(headers.get(name), value, name);
  } finally {
    await server.close();
  }
});
