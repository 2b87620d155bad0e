// Sends a resource, whole or in part, with the faults that were asked for.
//
// A resource is { byteLength, type, etag, read(start, end) }, where read gives an async iterable of
// Buffers for the bytes from start to end (exclusive).

import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

let changes = 0;

/** When what is late may be sent, by address, on the clock of performance.now(). */
const dueTimes = new Map();

export async function send(request, response, resource, faults, count) {
  const { byteLength } = resource;
  const whole = faults.ranges === 'off' || faults.length === 'off';
  const etag = faults.etag === 'changing' ? `"${changes += 1}"` : resource.etag;
  response.setHeader('Content-Type', faults.type ?? resource.type);
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('ETag', etag);
  if (!whole) response.setHeader('Accept-Ranges', 'bytes');

  let [start, end] = [0, byteLength];
  const asked = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  const stale = request.headers['if-range'] !== undefined && request.headers['if-range'] !== etag;
  if (asked && !whole && !stale) {
    start = Number(asked[1]);
    end = asked[2] === '' ? byteLength : Math.min(byteLength, Number(asked[2]) + 1);
    if (start >= end) {
      response.writeHead(416, { 'Content-Range': `bytes */${byteLength}` }).end();
      return;
    }
    response.writeHead(206, { 'Content-Range': `bytes ${start}-${end - 1}/${byteLength}`, 'Content-Length': end - start });
  } else {
    response.writeHead(200, faults.length === 'off' ? {} : { 'Content-Length': byteLength });
  }
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  response.flushHeaders();
  await sendBody(response, resource, start, end, faults, count, request.url);
}

async function sendBody(response, resource, start, end, faults, count, address) {
  const stop = Math.min(end, faults.stallAfter ?? Infinity, faults.dropAfter ?? Infinity);
  const gone = once(response, 'close');
  // Twenty pieces a second, so that a slow server is slow evenly.
  const pieceBytes = faults.rate ? Math.max(1, Math.round(faults.rate / 20)) : 65_536;
  const began = performance.now();
  let sent = 0;
  for await (const bytes of start < stop ? resource.read(start, stop) : []) {
    for (let offset = 0; offset < bytes.length; offset += pieceBytes) {
      const piece = bytes.subarray(offset, offset + pieceBytes);
      if (start + sent + piece.length > (faults.lateFrom ?? Infinity)) await Promise.race([lateness(address, faults), gone]);
      if (response.destroyed) return;
      count(piece.length);
      if (!response.write(piece)) await Promise.race([once(response, 'drain'), gone]);
      sent += piece.length;
      const ahead = faults.rate ? (sent / faults.rate) * 1000 - (performance.now() - began) : 0;
      if (ahead > 0) await Promise.race([delay(ahead), gone]);
    }
  }
  if (stop === end) {
    response.end();
  } else if (stop === faults.dropAfter) {
    // A reset takes away what has arrived and was not read yet; how much a test hears must not depend on that.
    await Promise.race([delay(1000), gone]);
    response.destroy();
  } else {
    await gone;
  }
}

/** Waits until late bytes of an address may be sent. */
function lateness(address, { lateSeconds = 0 }) {
  const now = performance.now();
  if (!dueTimes.has(address)) dueTimes.set(address, now + lateSeconds * 1000);
  return delay(Math.max(0, dueTimes.get(address) - now));
}
