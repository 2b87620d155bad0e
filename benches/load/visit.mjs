// The demo page as a stranger's first visit: nothing cached, compressed as hosts do, a click as soon as there is something to click.

import { cp, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import puppeteer from 'puppeteer-core';
import { serve } from '../../scripts/serve.mjs';
import { CHROMIUM, FLAGS } from '../browser.mjs';

/** What DevTools calls Fast 3G: 1.6 Mbit/s down, 750 kbit/s up, of which it gives nine tenths, and 150 ms there and back, times 3.75. */
export const FAST_3G = { offline: false, latency: 562.5, downloadThroughput: (1.6e6 / 8) * 0.9, uploadThroughput: (750e3 / 8) * 0.9 };

const COMPRESSED = new Set(['.css', '.html', '.js', '.svg', '.wasm']);
const LIMIT_MS = 60_000;

/** The demo of `target` with every file that compresses beside itself as gzip; gives its folder. */
async function compressedDemo(target) {
  const folder = await mkdtemp(join(tmpdir(), 'load-'));
  await cp(join(target, 'www'), folder, { recursive: true });
  const files = (await readdir(folder, { recursive: true })).filter((path) => COMPRESSED.has(extname(path)));
  await Promise.all(files.map(async (path) => writeFile(`${join(folder, path)}.gz`, gzipSync(await readFile(join(folder, path))))));
  return folder;
}

/** Runs in the page before its scripts: `soundAt` becomes the time of the first sample that is heard, on the page's clock. */
function listen() {
  const { connect } = AudioNode.prototype;
  AudioNode.prototype.connect = function (target, ...rest) {
    if (target === this.context.destination) {
      const tap = new AnalyserNode(this.context, { fftSize: 2048 });
      const samples = new Float32Array(tap.fftSize);
      connect.call(this, tap);
      const timer = setInterval(() => {
        tap.getFloatTimeDomainData(samples);
        if (samples.every((sample) => sample === 0)) return;
        clearInterval(timer);
        window.soundAt = performance.now();
      }, 5);
    }
    return connect.call(this, target, ...rest);
  };
}

/**
 * Visits the demo of the folder `target` once, over `network` if one is given. Resolves to
 * `{ version, answers, readyMilliseconds, soundMilliseconds }`: the answers, `{ path, bytes }` with their headers, that were
 * complete when the first sound was heard, and when on the page's clock it could be clicked and was heard.
 */
export async function visitDemo(target, network) {
  const folder = await compressedDemo(target);
  const answers = [];
  const server = await serve(folder, { gzip: true, onanswer: (answer) => answers.push(answer) });
  const browser = await puppeteer.launch({ executablePath: CHROMIUM, args: FLAGS });
  try {
    const page = await browser.newPage();
    const throttle = (client) => client.send('Network.enable').then(() => client.send('Network.emulateNetworkConditions', network));
    if (network) {
      page.on('workercreated', (worker) => throttle(worker.client).catch(() => {}));
      await throttle(await page.createCDPSession());
    }
    await page.evaluateOnNewDocument(listen);
    await page.goto(server.address, { timeout: LIMIT_MS });
    await page.waitForSelector('#play-button:enabled', { timeout: LIMIT_MS });
    const readyMilliseconds = await page.evaluate(() => performance.now());
    await page.click('#play-button');
    // By a timer: the page's policy has no eval, and waiting by strings needs one.
    while (!await page.evaluate(() => window.soundAt !== undefined)) await new Promise((resolve) => { setTimeout(resolve, 20); });
    const soundMilliseconds = await page.evaluate(() => window.soundAt);
    return { version: await browser.version(), answers: [...answers], readyMilliseconds, soundMilliseconds };
  } finally {
    await browser.close();
    await server.close();
    await rm(folder, { recursive: true });
  }
}
