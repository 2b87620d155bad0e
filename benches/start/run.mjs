// How long a page takes from its navigation to the first rendered quantum, and from a click to the first sound:
// ours against the least that any engine pays. Chromium, headless, in interleaved rounds.
//
//   node benches/start/run.mjs [--json] [--rounds N]

import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { serve } from '../../scripts/serve.mjs';
import { median, quantile } from '../statistics.mjs';
import { toneFile } from './tone.mjs';

const LIMIT_MS = 30_000;
// Ours may take at most 1.3 times as long.
const GOAL = 1 / 1.3;
const PEER = 'AudioContext + empty worklet + as many empty workers';
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
// A steady clock in place of a sound card, which a machine for measurements has not.
const FLAGS = ['--no-sandbox', '--disable-audio-output', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'];
const UNASKED = '--autoplay-policy=no-user-gesture-required';

const here = dirname(fileURLToPath(import.meta.url));
const target = process.env.CARGO_TARGET_DIR ?? join(here, '../../target');

/** The pages, the package and the tone in one folder, as a server needs them. */
async function assemble() {
  const site = join(target, 'bench-start');
  await rm(site, { recursive: true, force: true });
  await mkdir(site, { recursive: true });
  await cp(here, site, { recursive: true });
  await cp(join(target, 'package'), join(site, 'rusty-audio'), { recursive: true });
  await writeFile(join(site, 'tone.wav'), toneFile());
  return site;
}

/** Opens `address` in `page` and resolves to what it measured once `moment` has come. */
async function visit(page, address, moment, { click = false } = {}) {
  await page.goto(address);
  await page.waitForFunction(() => globalThis.bench, undefined, { timeout: LIMIT_MS });
  if (click) await page.click('#play');
  await page.waitForFunction((name) => globalThis.bench.moments[name] !== undefined, moment, { timeout: LIMIT_MS });
  return page.evaluate(() => globalThis.bench);
}

/** The cases: each measures one page once, in milliseconds. */
function cases(unasked, asked, base) {
  async function navigation(page, address, moment) {
    return (await visit(page, address, moment)).moments[moment];
  }
  async function inFreshContext(browser, measure) {
    const context = await browser.newContext();
    try {
      return await measure(await context.newPage());
    } finally {
      await context.close();
    }
  }
  return [
    {
      name: 'navigation to first rendered quantum, cold cache',
      measure: (address, moment) => inFreshContext(unasked, (page) => navigation(page, base + address, moment)),
    },
    {
      name: 'navigation to first rendered quantum, warm cache',
      measure: (address, moment) => inFreshContext(unasked, async (page) => {
        await navigation(page, base + address, moment);
        return navigation(page, base + address, moment);
      }),
    },
    {
      name: 'first click to first sound',
      measure: (address) => inFreshContext(asked, async (page) => {
        const { moments } = await visit(page, `${base}${address}&click`, 'sound', { click: true });
        return moments.sound - moments.click;
      }),
    },
  ];
}

/** Runs `rounds` rounds of every case, ours and theirs by turns, and returns one row per case. */
async function measureAll(unasked, asked, base, rounds, say) {
  const page = await unasked.newPage();
  const { workers, mode } = await visit(page, `${base}ours.html?`, 'input');
  await page.close();
  say(`${rounds} rounds, ${mode} mode, ${workers} workers, Chromium ${unasked.version()}`);

  const sides = [
    { side: 'ours', address: 'ours.html?', moment: 'input' },
    { side: 'theirs', address: `theirs.html?workers=${workers}`, moment: 'quantum' },
  ];
  const measured = cases(unasked, asked, base).map((measuredCase) => ({ ...measuredCase, ours: [], theirs: [] }));
  for (let round = 0; round < rounds; round += 1) {
    const order = round % 2 === 0 ? sides : [...sides].reverse();
    for (const row of measured) {
      for (const { side, address, moment } of order) row[side].push(await row.measure(address, moment));
    }
  }
  return measured.map(({ name, ours, theirs }) => {
    const ratios = ours.map((milliseconds, round) => theirs[round] / milliseconds);
    const ratio = median(ratios);
    return {
      bench: 'start', case: name, peer: PEER, unit: 'ms',
      ours: median(ours), theirs: median(theirs), ratio,
      low: quantile(ratios, 0.1), high: quantile(ratios, 0.9),
      goal: GOAL, met: ratio >= GOAL,
    };
  });
}

function table(rows) {
  const line = (cells) => cells.map((cell, column) => (column === 0 ? cell.padEnd(50) : cell.padStart(14))).join('');
  const lines = [line(['', 'ours, ms', 'theirs, ms', 'ratio', '10 % to 90 %', 'goal', ''])];
  for (const row of rows) {
    lines.push(line([
      row.case, row.ours.toFixed(1), row.theirs.toFixed(1), `${row.ratio.toFixed(2)}x`,
      `${row.low.toFixed(2)}-${row.high.toFixed(2)}`, `${row.goal.toFixed(2)}x`, row.met ? 'met' : 'NOT MET',
    ]));
  }
  lines.push('', `Medians. Ratio: how many times faster ours is than ${PEER}, per round.`);
  return lines.join('\n');
}

async function main() {
  const { values } = parseArgs({ options: { json: { type: 'boolean', default: false }, rounds: { type: 'string', default: '12' } } });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds takes a number from 1 on, not ${values.rounds}.`);

  const server = await serve(await assemble(), { cacheControl: 'max-age=3600' });
  const launch = (flags) => chromium.launch({ executablePath: CHROMIUM, args: [...FLAGS, ...flags] });
  const unasked = await launch([UNASKED]);
  const asked = await launch([]);
  try {
    const rows = await measureAll(unasked, asked, server.address, rounds, (text) => console.error(text));
    console.log(values.json ? JSON.stringify(rows, null, 2) : table(rows));
  } finally {
    await Promise.all([unasked.close(), asked.close()]);
    await server.close();
  }
}

await main();
