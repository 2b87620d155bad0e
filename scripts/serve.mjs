// Serves a folder on the loopback interface, with what an audio page needs: byte ranges, right MIME types,
// and the headers of cross-origin isolation, which shared memory asks for.
//
//   node scripts/serve.mjs [folder] [--no-isolation] [--port N]

import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import sirv from 'sirv';

const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** What every answer carries; tests hold the files of docs/hosts to it. */
export const HEADERS = {
  ...ISOLATION,
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-cache',
};

/**
 * Starts a server of `folder`; resolves to `{ address, close }`. `isolated` false leaves the isolation headers
 * out; port 0 takes any free one; `cacheControl` goes on every answer; with `gzip` a file that lies compressed beside itself
 * is sent so; `onanswer` is told of every answer, `{ path, bytes }` with its headers.
 */
export async function serve(folder, { isolated = true, port = 0, cacheControl = HEADERS['Cache-Control'], gzip = false, onanswer } = {}) {
  const headers = { ...HEADERS, 'Cache-Control': cacheControl };
  if (!isolated) for (const name of Object.keys(ISOLATION)) delete headers[name];
  const files = sirv(folder, { dev: true, etag: true, gzip });
  const server = createServer((request, response) => {
    const { socket, url: path } = request;
    const before = socket.bytesWritten;
    response.once('finish', () => onanswer?.({ path, bytes: socket.bytesWritten - before }));
    // Set here and not by sirv, so that answers without a file carry them too.
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    files(request, response, () => {
      response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8' });
      response.end(`There is no ${request.url} here.\n`);
    });
  });
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    address: `http://localhost:${server.address().port}/`,
    close: () => new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    }),
  };
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { 'no-isolation': { type: 'boolean', default: false }, port: { type: 'string', default: '8080' } },
  });
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new Error(`--port takes a number from 0 to 65535, not ${values.port}.`);
  }
  const { address } = await serve(positionals[0] ?? 'target/www', { isolated: !values['no-isolation'], port });
  console.log(`Serving with${values['no-isolation'] ? 'out' : ''} the headers of isolation: ${address}`);
  console.log('Ctrl-C ends it.');
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  main().catch((error) => {
    const inUse = error.code === 'EADDRINUSE';
    console.error(inUse ? `Port ${error.port} is taken by another program: choose one with --port N.` : error.message);
    process.exitCode = 1;
  });
}
