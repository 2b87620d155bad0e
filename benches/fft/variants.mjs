// private: variants of our module, alternating launches
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onPage } from '../browser.mjs';
import { median } from '../statistics.mjs';
const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, '../../target');
const built = (folder, name) => join(target, folder, `wasm32-unknown-unknown/wasm/rusty_audio_bench_${name}.wasm`);
const sizes = (process.env.SIZES ?? '256,512,1024,2048,4096,8192,16384').split(',').map(Number);
const variants = process.argv.slice(2);
const launches = Number(process.env.LAUNCHES ?? 3), rounds = Number(process.env.ROUNDS ?? 8);
const got = {};
for (let l = 0; l < launches; l += 1) for (const v of l % 2 ? variants.toReversed() : variants) {
  const { measured } = await onPage({ folder: here, files: { 'module.wasm': v, 'peers.wasm': built('page', 'peers'), 'steps.wasm': built('steps', 'steps'), pffft: join(here, '../../node_modules/@echogarden/pffft-wasm/dist/simd') },
    measure: (page) => page.evaluate((request) => globalThis.ask(request), { sizes, rounds, quick: true }) });
  sizes.forEach((s, i) => { for (const task of ['forward', 'inverse', 'pair', 'power', 'decibels']) {
    const o = measured.figures[i].ours[task], p = measured.figures[i].pffft[task] ?? measured.figures[i].pffft.forward;
    const k = `${s} ${task}`; (got[k] ??= {}); const e = ((got[k][v] ??= { r: [], t: [] }));
    e.r.push(median(o.map((x, n) => p[n] / x))); e.t.push(Math.min(...o)); } });
}
for (const [k, e] of Object.entries(got)) console.log(k.padEnd(16), variants.map((v) => `${v.split('/').pop()}: ${median(e[v].r).toFixed(2)} [${Math.min(...e[v].r).toFixed(2)}-${Math.max(...e[v].r).toFixed(2)}] ${Math.min(...e[v].t).toFixed(0)}ns`).join('   '));
