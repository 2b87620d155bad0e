// The test server: pages, the built package and demo, sounds, every fault of faults.mjs, and a letter-box
// for what a page has captured. Two ports, so that one can be another origin. Loopback only.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import sirv from 'sirv';
import { parse } from './faults.mjs';
import { send } from './resource.mjs';
import { computed, file } from './sources.mjs';
import { trappingCodec } from './trapping.mjs';

const repository = fileURLToPath(new URL('../../../', import.meta.url));
const folders = {
  package: `${repository}target/package`,
  www: `${repository}target/www`,
  pages: `${repository}tests/browser/pages`,
  golden: `${repository}tests/render/golden`,
  scenes: `${repository}target/scenes`,
  own_effect: `${repository}target/own_effect`,
  consumers: `${repository}target/consumers`,
  tone: `${repository}node_modules/tone/build`,
  howler: `${repository}node_modules/howler/dist`,
};
const sounds = {
  track: `${repository}tests/material/track`,
  material: `${repository}target/material`,
};

/** What becomes of a file of the package. */
const spoilers = {
  cut: (bytes) => bytes.subarray(0, bytes.length / 2),
  older: (bytes) => Buffer.from(bytes.toString('latin1').replace(/(?<=const ABI = )\d+/, '0').replaceAll('controller_abi', 'controller_ab_'), 'latin1'),
};

/** A file of the package as another version would have it: the checksum of the worklets' scripts, which is in the names of classes, is another. */
function otherEdition(bytes) {
  const [, checksum] = /rusty-audio-registrar-(\d+)/.exec(readFileSync(`${folders.package}/processor.js`, 'utf8'));
  return Buffer.from(bytes.toString('latin1').replaceAll(checksum, '7'.repeat(checksum.length)), 'latin1');
}

export async function startServer() {
  const statics = Object.fromEntries(Object.entries(folders).map(([name, folder]) => [name, sirv(folder, { dev: true, etag: true })]));
  const letters = new Map();
  const waiting = new Map();
  const bytes = new Map();
  const requests = [];
  /** How often an address was answered with a failure. */
  const failures = new Map();

  function deliver(name, body) {
    if (waiting.has(name)) waiting.get(name)(body);
    else letters.set(name, body);
  }

  async function answer(request, response) {
    const { path: asked, faults } = parse(request.url);
    // A service worker is for what lies below it, so this one has a second place, above all pages.
    const path = asked === '/isolation-worker.js' ? `/package${asked}` : asked;
    requests.push({ method: request.method, url: request.url, range: request.headers.range });
    if (faults.isolation !== 'off') {
      response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
      response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    }
    if (faults.policy) response.setHeader('Content-Security-Policy', faults.policy);
    if (faults.cors === 'allow') {
      response.setHeader('Access-Control-Allow-Origin', '*');
      response.setHeader('Access-Control-Allow-Headers', '*');
      response.setHeader('Access-Control-Expose-Headers', 'Content-Range, Content-Length, ETag, Accept-Ranges');
      response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin');
      if (request.method === 'OPTIONS') return void response.writeHead(204).end();
    }
    if (faults.missing && path.endsWith(faults.missing)) return void response.writeHead(404).end();
    if (faults.status) return void response.writeHead(faults.status).end();
    if (faults.failing && path.endsWith(faults.failing)) {
      const failed = failures.get(request.url) ?? 0;
      failures.set(request.url, failed + 1);
      if (failed < (faults.failures ?? Infinity)) return void response.writeHead(503).end();
    }
    if (faults.inert !== undefined) return void response.writeHead(200, { 'Content-Type': 'text/javascript' }).end();
    const spoiler = Object.keys(spoilers).find((fault) => faults[fault] && path.endsWith(faults[fault]));
    if (spoiler) {
      const type = path.endsWith('.wasm') ? 'application/wasm' : 'text/javascript';
      return void response.writeHead(200, { 'Content-Type': type }).end(spoilers[spoiler](readFileSync(`${repository}target${path}`)));
    }
    if (faults.edition !== undefined && /^\/package\/.*\.(js|wasm)$/.test(path)) {
      const type = path.endsWith('.wasm') ? 'application/wasm' : 'text/javascript';
      return void response.writeHead(200, { 'Content-Type': type }).end(otherEdition(readFileSync(`${repository}target${path}`)));
    }
    if (faults.trapping && path.endsWith(faults.trapping)) {
      return void response.writeHead(200, { 'Content-Type': 'application/wasm' }).end(trappingCodec(faults.packets ?? 0));
    }
    const [, folder, rest] = /^\/([^/]*)(\/.*)?$/.exec(path);
    if (request.method === 'POST' && folder === 'letters') {
      const parts = [];
      for await (const part of request) parts.push(part);
      deliver(rest.slice(1), Buffer.concat(parts));
      return void response.writeHead(204).end();
    }
    if (folder === 'favicon.ico') return void response.writeHead(204).end();
    if (folder in statics) {
      if (faults.wrongType && path.endsWith(faults.wrongType)) response.setHeader('Content-Type', 'text/plain');
      if (faults.type) response.setHeader('Content-Type', faults.type);
      if (faults.cache) response.setHeader('Cache-Control', faults.cache);
      const { search } = new URL(request.url, 'http://loopback');
      request.url = rest + search;
      return void statics[folder](request, overriding(response), () => response.writeHead(404).end());
    }
    const resource = folder === 'computed' ? computed(rest) : folder in sounds ? file(sounds[folder], rest) : null;
    if (!resource) return void response.writeHead(404).end();
    const url = request.url;
    await send(request, response, resource, faults, (length) => bytes.set(url, (bytes.get(url) ?? 0) + length));
  }

  const listeners = await Promise.all([0, 1].map(() => new Promise((resolve, reject) => {
    const server = createServer((request, response) => {
      answer(request, response).catch((error) => {
        // A client that goes away in the middle is what half of the suites do.
        if (!response.destroyed) response.destroy(error);
      });
    });
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(server));
  })));
  const [origin, otherOrigin] = listeners.map((server) => `http://127.0.0.1:${server.address().port}`);
  return {
    /** Where everything is. */
    origin,
    /** The same on another port: another origin. */
    otherOrigin,
    /** Every request so far: { method, url, range }. */
    requests,
    /** Bytes of sound sent for a path with its query, in all answers together. */
    bytesSent: (url) => bytes.get(url) ?? 0,
    /** What a page posts to `letters/NAME`, as a Buffer; waits for it. */
    letter(name, timeoutSeconds = 60) {
      if (letters.has(name)) {
        const body = letters.get(name);
        letters.delete(name);
        return Promise.resolve(body);
      }
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(name);
          reject(new Error(`no page posted letters/${name} within ${timeoutSeconds} s`));
        }, timeoutSeconds * 1000);
        waiting.set(name, (body) => {
          clearTimeout(timer);
          waiting.delete(name);
          resolve(body);
        });
      });
    },
    close: () => Promise.all(listeners.map((server) => new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    }))),
  };
}

/** sirv sets some headers itself; what was set before must win. */
function overriding(response) {
  const before = response.getHeaders();
  const { writeHead } = response;
  response.writeHead = function (status, headers) {
    const own = Object.fromEntries(Object.entries(headers ?? {}).filter(([name]) => !(name.toLowerCase() in before)));
    return writeHead.call(this, status, own);
  };
  return response;
}
