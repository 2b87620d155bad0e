// The test server: its ranges are right, and each of its faults is the fault it says.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { longWave } from '../sound/long.mjs';
import { trackPath } from '../sound/reference.mjs';
import { prefix } from '../server/faults.mjs';
import { startServer } from '../server/index.mjs';
import { trappingSample } from '../server/trapping.mjs';

let server;
before(async () => { server = await startServer(); });
after(() => server.close());

const file = '/track/excerpt-s16le.wav';
const contents = readFileSync(trackPath('excerpt-s16le.wav'));
const get = (path, headers = {}, signal = undefined) => fetch(server.origin + path, { headers, signal });
const bytesOf = async (response) => Buffer.from(await response.arrayBuffer());

test('whole files and ranges', async () => {
  const whole = await get(file);
  assert.equal(whole.status, 200);
  assert.equal(whole.headers.get('content-length'), String(contents.length));
  assert.equal(whole.headers.get('accept-ranges'), 'bytes');
  assert.equal(whole.headers.get('cross-origin-embedder-policy'), 'require-corp');
  assert.equal(whole.headers.get('access-control-allow-origin'), null);
  assert.deepEqual(await bytesOf(whole), contents);
  for (const [range, start, end] of [['0-0', 0, 1], ['100-199', 100, 200], ['220000-', 220_000, contents.length], ['220000-999999999', 220_000, contents.length]]) {
    const response = await get(file, { range: `bytes=${range}` });
    assert.equal(response.status, 206);
    assert.equal(response.headers.get('content-range'), `bytes ${start}-${end - 1}/${contents.length}`);
    assert.deepEqual(await bytesOf(response), contents.subarray(start, end));
  }
  assert.equal((await get(file, { range: `bytes=${contents.length}-` })).status, 416);
});

test('the computed file', async () => {
  const response = await get('/computed/long.wav', { range: 'bytes=1000000000-1000099999' });
  assert.equal(response.headers.get('content-range'), `bytes 1000000000-1000099999/${longWave.byteLength}`);
  assert.deepEqual(await bytesOf(response), longWave.bytes(1_000_000_000, 1_000_100_000));
});

test('a conditional range of a changed file is answered with the whole', async () => {
  const { headers } = await get(file, { range: 'bytes=0-9' });
  const etag = headers.get('etag');
  assert.equal((await get(file, { range: 'bytes=0-9', 'if-range': etag })).status, 206);
  assert.equal((await get(file, { range: 'bytes=0-9', 'if-range': '"other"' })).status, 200);
  const changing = await get(`${file}?etag=changing`);
  assert.notEqual(changing.headers.get('etag'), (await get(`${file}?etag=changing`)).headers.get('etag'));
});

test('no ranges, no length', async () => {
  const response = await get(`${file}?ranges=off`, { range: 'bytes=5-9' });
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('accept-ranges'), null);
  assert.deepEqual(await bytesOf(response), contents);
  const streamed = await get(`${file}?length=off`);
  assert.equal(streamed.headers.get('content-length'), null);
  assert.deepEqual(await bytesOf(streamed), contents);
});

test('statuses, types, policies and origins', async () => {
  assert.equal((await get(`${file}?status=503`)).status, 503);
  assert.equal((await get('/track/none.wav')).status, 404);
  assert.equal((await get('/track/../../../Cargo.toml')).status, 404);
  assert.equal((await get(`${file}?type=text/plain`)).headers.get('content-type'), 'text/plain');
  const open = await get(`${file}?cors=allow`);
  assert.equal(open.headers.get('access-control-allow-origin'), '*');
  assert.equal(open.headers.get('cross-origin-resource-policy'), 'cross-origin');
  const page = await get(`${prefix({ isolation: 'off', policy: "default-src 'self'" })}/pages/worklet.html`);
  assert.equal(page.headers.get('cross-origin-opener-policy'), null);
  assert.equal(page.headers.get('content-security-policy'), "default-src 'self'");
  assert.equal((await get(`${prefix({ missing: 'tone.js' })}/pages/tone.js`)).status, 404);
  assert.equal((await get(`${prefix({ missing: 'tone.js' })}/pages/worklet.html`)).status, 200);
  assert.equal((await get(`${prefix({ wrongType: 'tone.js' })}/pages/tone.js`)).headers.get('content-type'), 'text/plain');
});

test('a drop, a stall and a slow answer', async () => {
  await assert.rejects(get(`${file}?dropAfter=100000`).then(bytesOf), TypeError);
  assert.equal((await bytesOf(await get(`${file}?dropAfter=100000`, { range: 'bytes=0-99999' }))).length, 100_000);

  const stalled = new AbortController();
  const { body } = await get(`${file}?stallAfter=100000`, {}, stalled.signal);
  const reader = body.getReader();
  let received = 0;
  while (received < 100_000) received += (await reader.read()).value.length;
  const outcome = await Promise.race([reader.read().catch(() => 'aborted'), delay(300, 'nothing')]);
  assert.equal(outcome, 'nothing');
  assert.equal(received, 100_000);
  stalled.abort();

  const late = async (range) => {
    const begin = performance.now();
    const length = (await bytesOf(await get(`${file}?lateFrom=100000&lateSeconds=0.4`, { range }))).length;
    return { length, seconds: (performance.now() - begin) / 1000 };
  };
  assert.ok((await late('bytes=0-9999')).seconds < 0.3, 'what comes before is not late');
  const first = await late('bytes=90000-199999');
  assert.ok(first.length === 110_000 && first.seconds > 0.38, JSON.stringify(first));
  assert.ok((await late('bytes=150000-199999')).seconds < 0.3, 'once');

  const began = performance.now();
  await bytesOf(await get(`${file}?rate=1000000`, { range: 'bytes=0-199999' }));
  const seconds = (performance.now() - began) / 1000;
  assert.ok(seconds > 0.14, `200 kB at 1 MB/s took ${seconds} s`);
});

test('another edition of the package has other names for its classes, and nothing else is unlike', async () => {
  for (const name of ['processor.js', 'meter.js', 'host_bg.wasm', 'engine.wasm']) {
    const [ours, theirs] = await Promise.all([get(`/package/${name}`), get(`${prefix({ edition: '' })}/package/${name}`)]);
    assert.equal(theirs.headers.get('content-type').split(';')[0], ours.headers.get('content-type').split(';')[0]);
    const [first, second] = [await bytesOf(ours), await bytesOf(theirs)];
    assert.equal(first.length, second.length);
    const unlike = first.filter((byte, at) => byte !== second[at]).length;
    assert.ok(name === 'engine.wasm' ? unlike === 0 : unlike > 0 && unlike <= 10, `${name}: ${unlike} bytes`);
  }
});

test('bytes are counted for each address', async () => {
  const url = `${file}?count=1`;
  await bytesOf(await get(url, { range: 'bytes=0-999' }));
  await bytesOf(await get(url, { range: 'bytes=5000-5999' }));
  assert.equal(server.bytesSent(url), 2000);
  assert.equal(server.bytesSent(`${file}?count=2`), 0);
});

test('letters are delivered, before and after they are asked for', async () => {
  const post = (name, body) => fetch(`${server.origin}/letters/${name}`, { method: 'POST', body });
  await post('early', 'one');
  assert.equal((await server.letter('early')).toString(), 'one');
  const late = server.letter('late');
  await post('late', 'two');
  assert.equal((await late).toString(), 'two');
  await assert.rejects(server.letter('never', 0.05), /no page posted letters\/never/);
});

test('the codec that traps decodes as many packets as it was told, and traps', async () => {
  const response = await get(`${prefix({ trapping: 'codec-pcm.wasm', packets: 3 })}/package/codec-pcm.wasm`);
  assert.equal(response.headers.get('content-type'), 'application/wasm');
  const { instance } = await WebAssembly.instantiate(await bytesOf(response), {});
  const codec = instance.exports;
  assert.equal(codec.codec_open(1000), 0);
  const text = Buffer.from(codec.memory.buffer, codec.codec_description(), codec.codec_description_length()).toString();
  assert.equal(JSON.parse(text).channels, 2);
  for (let packet = 0; packet < 3; packet += 1) {
    assert.equal(codec.codec_next(), 1024);
    assert.equal(codec.codec_position(), 1024 * packet);
  }
  const plane = new Float32Array(codec.memory.buffer, codec.codec_plane(1), 1024);
  assert.equal(plane[1023], trappingSample(1023));
  assert.throws(() => codec.codec_next(), WebAssembly.RuntimeError);
});
