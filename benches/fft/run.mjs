// Transforms: ours against pffft, realfft and microfft. Chromium, headless, all in one worker; several launches, because
// one may flatter somebody. --accuracy times nothing.
//
//   node benches/fft/run.mjs [--json] [--rounds N] [--accuracy]

import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onPage } from '../browser.mjs';
import { options } from '../options.mjs';
import { compare, machine, print } from '../report.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const target = process.env.CARGO_TARGET_DIR ?? join(here, '../../target');
const built = (folder, name) => join(target, folder, `wasm32-unknown-unknown/wasm/rusty_audio_bench_${name}.wasm`);
const PFFFT = 'pffft-wasm 0.4.2';

const LAUNCHES = 5;
const SIZES = [256, 512, 1024, 2048, 4096, 8192, 16_384, 32_768, 65_536];
// Beyond, a convolution would use blocks, and an analyser has no more bins.
const LONGEST = 16_384;

async function launch(sizes, rounds) {
  return onPage({
    folder: here,
    files: {
      'module.wasm': built('engine', 'module'),
      'peers.wasm': built('page', 'peers'),
      'steps.wasm': built('steps', 'steps'),
      pffft: join(here, '../../node_modules/@echogarden/pffft-wasm/dist/simd'),
    },
    measure: (page) => page.evaluate((request) => globalThis.ask(request), { sizes, rounds }),
  });
}

function row(name, peer, ours, theirs, goal) {
  return compare({ bench: 'fft', case: name, peer, unit: 'ns', better: 'less', ours, theirs, goal });
}

function accuracyRow(size, { ours, pffft }) {
  return compare({ bench: 'fft', case: `error, ${size}`, peer: PFFFT, unit: '1e-9', better: 'less', ours: ours.map((error) => error * 1e9), theirs: pffft.map((error) => error * 1e9), goal: 1 });
}

function timingRows(size, { ours, pffft, realfft, microfft }) {
  return [
    row(`forward, ${size}`, PFFFT, ours.forward, pffft.forward, 1.3),
    row(`forward, ${size}`, 'realfft 3.5.1', ours.forward, realfft.forward, 2),
    ...(microfft ? [row(`forward, ${size}`, 'microfft 0.6.0', ours.forward, microfft.forward, 4)] : []),
    ...(size > LONGEST ? [] : [
      row(`there and back, unordered, ${size}`, PFFFT, ours.pair, pffft.pair, 1.4),
      row(`window and power, ${size}`, 'our forward', ours.power, ours.forward, 1 / 1.15),
      row(`window, power, smoothing, dB, ${size}`, `${PFFFT}, SIMD loops`, ours.decibels, pffft.decibels, 1.5),
    ]),
  ];
}

/** The figures of all launches, one behind the other. */
function joined(figures) {
  const [first] = figures;
  if (Array.isArray(first)) return figures.flat();
  return Object.fromEntries(Object.keys(first).map((name) => [name, joined(figures.map((each) => each[name]))]));
}

async function main() {
  const { json, rounds, accuracy } = options({ rounds: 12, switches: ['accuracy'] });
  const before = machine();
  const launches = [];
  for (let count = 0; count < (accuracy ? 1 : LAUNCHES); count += 1) launches.push(await launch(SIZES, accuracy ? 0 : rounds));
  const [{ measured: { errors }, version }] = launches;
  const timed = (index) => joined(launches.map(({ measured }) => measured.figures[index]));
  print(SIZES.flatMap((size, index) => [accuracyRow(size, errors[index]), ...(accuracy ? [] : timingRows(size, timed(index)))]), {
    json,
    notes: [
      `${before}; Chromium ${version}; ${accuracy ? 'nothing timed' : `${LAUNCHES} launches of ${rounds} interleaved rounds`}.`,
      'Medians, and the 10 % to 90 % spread of the ratios of the rounds. Natural order unless a row says otherwise.',
      'Errors are relative root mean squares over noise, against a transform in double precision.',
    ],
  });
}

await main();
