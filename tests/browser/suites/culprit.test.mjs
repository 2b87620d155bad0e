// The flight recorder in a real page: what is done to it is found, with its cause, from the recorder alone.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { missing } from '../drivers/index.mjs';
import { full, onStage, setUp } from './stage.mjs';

const fixtures = Object.fromEntries(['chromium', 'webkit'].map((name) => [name, setUp(name, { skip: missing(name), options: { shared: true } })]));

const rounds = full ? 50 : 5;

/** Of all that is found, so much must have the right cause. */
const RIGHT_SHARE = 0.95;

/** Where something is found wrong, as many are judged as the share can be told of: twice as many as have one wrong. */
const ENOUGH = 40;

/** How often a load is read. */
const READINGS = 7;

/** So far the load may be from what Chromium measures. */
const LOAD_POINTS = 0.06;

/** What is done, by the name of the cause that is right for it, and the kinds of underruns that it makes. */
const misfortunes = {
  workerLate: {
    kinds: ['jobs'],
    async act(stage) {
      await stage.befallWorkers('delay');
    },
  },
  workerDead: {
    kinds: ['jobs'],
    async act(stage) {
      await stage.befallWorkers('hang');
    },
  },
  decodeLate: {
    kinds: ['starvation'],
    async act(stage, round) {
      const [{ player }] = stage.decks;
      await player.load(new URL(`/computed/long.wav?${crypto.randomUUID()}&lateFrom=600000&lateSeconds=6`, location.href).href);
      await player.play();
      for (let tenths = 0; player.telemetry.state !== 'starved' && tenths < 150; tenths += 1) await stage.wait(0.1);
      for (let tenths = 0; player.telemetry.state === 'starved' && tenths < 150; tenths += 1) await stage.wait(0.1);
    },
  },
  audioThreadOverloaded: {
    kinds: ['gap', 'device'],
    // As many effects as take more time than there is, whatever machine this is.
    async act(stage) {
      const heavy = () => stage.engine.createNode({ effects: Array(16).fill('limiter') });
      const load = () => stage.monitor.report().figures.load;
      if (stage.enough === undefined) {
        const before = load();
        const node = await heavy();
        // As long as the load looks back.
        await stage.wait(6);
        stage.enough = Math.ceil(2.5 / Math.max(0.02, load() - before));
        node.dispose();
      }
      const nodes = await Promise.all(Array.from({ length: stage.enough }, heavy));
      await stage.wait(1);
      nodes.forEach((node) => node.dispose());
    },
  },
  pageFrozen: {
    // There the bytes that a worker asks for pass through the page.
    browser: 'webkit',
    kinds: ['starvation'],
    async act(stage) {
      stage.block(7);
      await stage.wait(2);
    },
  },
  deviceStalled: {
    kinds: ['gap', 'device'],
    async act(stage) {
      stage.staller.port.postMessage(250);
      await stage.wait(1);
    },
  },
};

/** Of two misfortunes each has underruns of its own, with its own cause, though the second comes as soon as the first is seen. */
const pairs = [['workerLate', 'decodeLate'], ['workerDead', 'deviceStalled']];

/**
 * The cause of most of what was missing in the first second of it: others use this machine too, and what they take has causes of its own.
 * What was missing because of `others`, misfortunes of the same round, is theirs, unless there is nothing else.
 */
function mainCause(underruns, others) {
  const first = Math.min(...underruns.map(({ at }) => at));
  const early = underruns.filter(({ at }) => at < first + 1000);
  const own = early.filter(({ cause }) => !others.includes(cause));
  const amounts = new Map();
  for (const { cause, amount } of own.length > 0 ? own : early) amounts.set(cause, (amounts.get(cause) ?? 0) + amount);
  return [...amounts].sort(([, a], [, b]) => b - a)[0][0];
}

/** Starts a player in a room whose jobs need the workers, and the monitor. */
async function begin(stage, staller) {
  const url = URL.createObjectURL(new Blob([staller], { type: 'text/javascript' }));
  await stage.context.audioWorklet.addModule(url);
  stage.staller = new AudioWorkletNode(stage.context, 'staller');
  stage.staller.connect(stage.context.destination);
  stage.monitor = stage.engine.monitor;
  await stage.addDeck({ bufferSeconds: 1, impulseResponse: stage.response(6 * stage.context.sampleRate) });
  const [{ player }] = stage.decks;
  player.parameters.get('convolver.wet').value = 0.5;
  await player.load(new URL('/computed/long.wav?culprit', location.href).href);
  await player.play();
  await stage.wait(5);
}

const STALLER = `registerProcessor('staller', class extends AudioWorkletProcessor {
  constructor() { super(); this.until = 0; this.port.onmessage = ({ data }) => { this.until = Date.now() + data; }; }
  process() { while (Date.now() < this.until); return true; }
});`;

/** The causes that are right, given how many workers were replaced: one that got no time for 100 ms was taken for dead and ended. */
const rightCauses = (name, replaced) => (name === 'workerLate' && replaced > 0 ? [name, 'workerDead'] : [name]);

for (const names of [...Object.keys(misfortunes).map((name) => [name]), ...pairs]) {
  const [{ browser = 'chromium' }] = names.map((name) => misfortunes[name]);
  test(`${browser}: ${names.join(' and ')}, ${rounds} times`, { skip: missing(browser) }, async (context) => {
    await onStage(fixtures[browser], 'shared', { decks: 0, workers: 2, memoryMebibytes: 96 }, async ({ run }) => {
      await run(begin, STALLER);
      const judged = [];
      const wrong = () => judged.filter(({ isRight }) => !isRight);
      const holds = () => wrong().length <= (1 - RIGHT_SHARE) * judged.length;
      for (let round = 0; round < rounds || (!holds() && judged.length < ENOUGH); round += 1) {
        const acts = names.map((name) => `await (async function ${String(misfortunes[name].act).replace(/^async /, '')})(stage, round);`);
        const { underruns, figures, replaced } = await run(`async (stage, round) => {
          const restarts = () => stage.engine.workers.reduce((sum, worker) => sum + worker.restarts, 0);
          const before = restarts();
          stage.monitor.reset();
          ${acts.join('\n')}
          // The monitor looks once a second.
          await stage.wait(2.5);
          return { underruns: stage.monitor.state().underruns, figures: stage.monitor.report().figures, replaced: restarts() - before };
        }`, round);
        // What the recorder finds is what the counters count.
        assert.equal(underruns.some(({ kind }) => kind === 'starvation'), figures.starvedFrames > 0, JSON.stringify({ underruns, figures }));
        for (const name of names) {
          const { kinds } = misfortunes[name];
          const found = kinds.map((kind) => underruns.filter((underrun) => underrun.kind === kind)).filter(({ length }) => length > 0);
          assert.ok(found.length > 0, `nothing of ${kinds} was found in round ${round}: ${JSON.stringify({ underruns, figures })}`);
          judged.push(...found.map((alike) => {
            const cause = mainCause(alike, names.filter((other) => other !== name));
            return { name, cause, isRight: rightCauses(name, replaced).includes(cause), alike };
          }));
        }
      }
      const meant = judged.filter(({ name, cause }) => name === cause).length;
      context.diagnostic(`${judged.length - wrong().length} of ${judged.length} have the right cause, ${meant} the one that was meant`);
      assert.ok(holds(), JSON.stringify(wrong()));
    });
  });
}

test(`the load is what Chromium itself measures, to ${100 * LOAD_POINTS} points`, { skip: missing('chromium') }, async (context) => {
  await onStage(fixtures.chromium, 'shared', { decks: 0, workers: 1 }, async ({ run, page }) => {
    const session = await page.tab.context().newCDPSession(page.tab);
    const contexts = [];
    session.on('WebAudio.contextCreated', ({ context: created }) => contexts.push(created));
    await session.send('WebAudio.enable');
    const seen = [];
    for (const nodes of [0, 1, 2, 6]) {
      await run(async (stage, count) => {
        stage.monitor ??= stage.engine.monitor;
        stage.made ??= [];
        while (stage.made.length < count) stage.made.push(await stage.engine.createNode({ effects: Array(16).fill('limiter') }));
        await stage.context.resume();
        // As long as the average looks back.
        await stage.wait(6);
      }, nodes);
      const { contextId } = contexts.find(({ contextType }) => contextType === 'realtime');
      // Ours looks back over six seconds and theirs over one, and others use this machine too: of some readings the one in the middle.
      const readings = { ours: [], theirs: [] };
      for (let reading = 0; reading < READINGS; reading += 1) {
        const { realtimeData } = await session.send('WebAudio.getRealtimeData', { contextId });
        readings.theirs.push(realtimeData.renderCapacity);
        readings.ours.push(await run((stage) => stage.monitor.report().figures.load));
        await run((stage) => stage.wait(1));
      }
      const [ours, theirs] = [readings.ours, readings.theirs].map((values) => values.toSorted((a, b) => a - b));
      seen.push({ nodes, ours: ours[READINGS >> 1], theirs: theirs[READINGS >> 1], spread: theirs.at(-2) - theirs[1], readings });
    }
    context.diagnostic(JSON.stringify(seen));
    // What is itself further apart than that, without the highest and the lowest, can judge nothing, nor can what sees a load where nothing
    // is rendered: others keep the machine busy.
    const [idle, ...loaded] = seen;
    const steady = loaded.filter(({ spread }) => spread <= LOAD_POINTS);
    if (steady.length < 2) return context.skip(`what Chromium measures is ${loaded.map(({ spread }) => Math.round(100 * spread)).join(', ')} points apart`);
    if (idle.theirs > LOAD_POINTS) return context.skip(`Chromium measures a load of ${Math.round(100 * idle.theirs)} % where there is none`);
    assert.ok(loaded.at(-1).ours > loaded[0].ours + 0.05, 'there is a load to be measured');
    for (const { ours, theirs } of steady) assert.ok(Math.abs(ours - theirs) <= LOAD_POINTS, JSON.stringify(seen));
  });
});
