// What can befall an engine. Each misfortune does its damage, waits for what follows, and resolves with a sentence on both.

import { gapText, replacedText, workersText } from './wording.js';

const LOOK_MS = 10;
const LIMIT_MS = 15_000;
const BLOCK_MS = 2000;
const BURN_MS = 5000;
const BURNING_WORKERS = 6;
// Slices of a test job, each of about 0.1 ms: long enough to be in the middle of it.
const JOB_SLICES = 50;
/** Kind of the trap on the audio thread: an `unreachable`. */
const UNREACHABLE = 1;

const TRAPS = [
  ['unreachable', 'an unreachable instruction'],
  ['outOfBounds', 'an access out of bounds'],
  ['stackOverflow', 'a stack overflow'],
  ['divisionByZero', 'a division by zero'],
];
let traps = 0;

const pause = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

/** Resolves with what `look` returns as soon as that is something; with null after the limit. */
async function until(look) {
  const end = performance.now() + LIMIT_MS;
  while (performance.now() < end) {
    const found = look();
    if (found) return found;
    await pause(LOOK_MS);
  }
  return null;
}

/** Resolves when the page was painted, or soon when it is hidden and is not. */
const painted = () => Promise.race([new Promise((resolve) => { requestAnimationFrame(() => setTimeout(resolve)); }), pause(200)]);

/** Resolves with the workers of `indices` when each was replaced since `before`. */
function replaced(engine, before, indices) {
  return until(() => {
    const { workers } = engine;
    const done = indices.every((index) => workers[index]?.restarts > before[index].restarts && workers[index].state === 'working');
    return done && indices.map((index) => workers[index]);
  });
}

/** Resolves with the index of the worker that died since `before`. */
async function victimSince(engine, before) {
  const found = await until(() => {
    const index = engine.workers.findIndex(({ restarts }, place) => restarts > (before[place]?.restarts ?? 0));
    return index >= 0 && { index };
  });
  return found?.index ?? null;
}

async function killWorker({ engine }) {
  const before = engine.workers;
  const working = before.map((worker, index) => ({ ...worker, index })).filter(({ state }) => state === 'working');
  // Preferably one that is in the middle of something; else anyone.
  const victims = working.some(({ claimedJobs }) => claimedJobs > 0) ? working.filter(({ claimedJobs }) => claimedJobs > 0) : working;
  const victim = victims[Math.floor(Math.random() * victims.length)];
  if (!victim || !engine.killWorker(victim.index)) return 'There was no worker to kill just now.';
  const during = victim.claimedJobs > 0 ? ' in the middle of a job' : '';
  const [successor] = await replaced(engine, before, [victim.index]) ?? [];
  return `Worker ${victim.index + 1} killed${during}. ${replacementText(successor && [successor])}`;
}

async function killAllWorkers({ engine }) {
  const before = engine.workers;
  const indices = before.flatMap((_, index) => (engine.killWorker(index) ? [index] : []));
  if (indices.length === 0) return 'There was no worker to kill just now.';
  return `${workersText(indices.length)} killed. ${replacementText(await replaced(engine, before, indices))}`;
}

function replacementText(successors) {
  if (!successors) return 'Not replaced: this is a defect.';
  return replacedText(successors.map(({ replacementMilliseconds }) => replacementMilliseconds));
}

/** Has a job whose fault befalls the worker that takes it. */
async function harmWorker(engine, fault, told) {
  const before = engine.workers;
  const job = engine.submit({ kind: 'test', seed: 1, slices: JOB_SLICES, fault });
  const victim = await victimSince(engine, before);
  if (victim === null) return 'No worker took the job: this is a defect.';
  const successors = await replaced(engine, before, [victim]);
  await job;
  return `Worker ${victim + 1} ${told}. ${replacementText(successors)} Another did its job.`;
}

function hangWorker({ engine }) {
  return harmWorker(engine, 'hang', 'hung in an endless loop');
}

function trapWorker({ engine }) {
  const [fault, told] = TRAPS[traps % TRAPS.length];
  traps += 1;
  return harmWorker(engine, fault, `trapped at ${told}`);
}

async function trapAudioThread({ player }) {
  let outcome = null;
  const recovered = ({ detail }) => { outcome = gapText(detail.gap); };
  const failed = ({ detail }) => {
    if (detail.code === 'audio-thread-fault') outcome = 'Too many faults in too short a time: the engine gave up, and says so above.';
  };
  player.addEventListener('recovered', recovered);
  player.addEventListener('error', failed);
  player.port.postMessage({ type: 'fault', kind: UNREACHABLE });
  await until(() => outcome);
  player.removeEventListener('recovered', recovered);
  player.removeEventListener('error', failed);
  return `The audio thread trapped. ${outcome ?? 'It did not come back: this is a defect.'}`;
}

async function blockMainThread() {
  await painted();
  const start = performance.now();
  while (performance.now() < start + BLOCK_MS);
  return 'The main thread stood still for 2 s.';
}

async function burnProcessor() {
  const burning = Array.from({ length: BURNING_WORKERS }, () => new Worker(new URL('busy_worker.js', import.meta.url)));
  await pause(BURN_MS);
  for (const worker of burning) worker.terminate();
  return `${BURNING_WORKERS} busy workers wanted every core for 5 s.`;
}

/** By the id of its button: `begun` is said at once, `act({ engine, player })` resolves with the rest; `needsPool` in shared mode only. */
export const MISFORTUNES = {
  'kill-worker-button': { begun: 'Killing a worker', act: killWorker, needsPool: true },
  'kill-all-button': { begun: 'Killing all workers', act: killAllWorkers, needsPool: true },
  'hang-worker-button': { begun: 'Hanging a worker', act: hangWorker, needsPool: true },
  'trap-worker-button': { begun: 'Trapping a worker', act: trapWorker, needsPool: true },
  'trap-audio-button': { begun: 'Trapping the audio thread', act: trapAudioThread, needsPool: false },
  'block-main-button': { begun: 'Blocking the main thread for 2 s', act: blockMainThread, needsPool: false },
  'burn-button': { begun: 'Burning the processor for 5 s', act: burnProcessor, needsPool: false },
};
