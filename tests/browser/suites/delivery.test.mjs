// What a server, a policy or a full machine does to the start of an engine: it starts all the same, or it says why not.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, missing } from '../drivers/index.mjs';
import { startPulseAudio } from '../drivers/pulseaudio.mjs';
import { prefix } from '../server/faults.mjs';
import { startServer } from '../server/index.mjs';
import { modes, setUp } from './stage.mjs';

const skip = missing('chromium');
const fixture = setUp('chromium', { skip });

/** Everything that a page can forbid and the engine still runs. */
const STRICT = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; object-src 'none'; base-uri 'none'; "
  + "require-trusted-types-for 'script'; trusted-types rusty-audio";

let visits = 0;

/** Opens the stage with faults, of which each visit has its own; `act` gets the page. */
async function visiting({ server, browser }, faults, act) {
  const page = await browser.open(`${server.origin}${prefix({ ...faults, visit: visits += 1 })}/pages/player.html`);
  try {
    return await act(page);
  } catch (error) {
    error.message += `\n${page.console.slice(-10).join('\n')}`;
    throw error;
  } finally {
    await page.close();
  }
}

/** What the start of an engine is rejected with on such a page; null if it starts. */
const startFailure = (faults, options = {}) => visiting(fixture, faults, (page) => page.evaluate((given) => window.stage.failure(window.stage.start(given)), options));

function assertError(error, code, message) {
  assert.equal(error?.code, code, JSON.stringify(error));
  assert.match(error.message, message);
  assert.match(error.advice, /\S.*\.$/s);
}

for (const mode of Object.keys(modes)) {
  test(`${mode}: a server that is overloaded for a moment is asked again`, { skip }, async () => {
    assert.equal(await startFailure({ ...modes[mode], failing: 'engine.wasm', failures: 2 }), null);
  });

  test(`${mode}: a server that stays overloaded is told of`, { skip }, async () => {
    assertError(await startFailure({ ...modes[mode], failing: 'engine.wasm' }), 'asset-failed', /engine\.wasm was answered with 503/);
  });

  test(`${mode}: a file that was cut is told of`, { skip }, async () => {
    assertError(await startFailure({ ...modes[mode], cut: 'engine.wasm' }), 'asset-failed', /engine\.wasm did not compile/);
    assertError(await startFailure({ ...modes[mode], cut: 'host_bg.wasm' }), 'asset-failed', /host_bg\.wasm did not load/);
  });

  test(`${mode}: an abort of a slow start is immediate`, { skip }, async () => {
    const failure = await visiting(fixture, { ...modes[mode], failing: 'engine.wasm' }, (page) => page.evaluate(async () => {
      const controller = new AbortController();
      const starting = window.stage.failure(window.stage.start({ signal: controller.signal, onprogress: () => setTimeout(() => controller.abort(), 100) }));
      return starting;
    }));
    assertError(failure, 'aborted', /aborted/);
  });

  for (const file of ['engine.wasm', 'processor.js', ...(mode === 'shared' ? ['worker.js'] : [])]) {
    test(`${mode}: ${file} of another version is refused`, { skip }, async () => {
      assertError(await startFailure({ ...modes[mode], older: file }), 'version-mismatch', /version 0 /);
    });
  }

  test(`${mode}: without memory for the usual size there is a smaller engine, and without any a code`, { skip }, async () => {
    const starting = (most, options) => visiting(fixture, modes[mode], (page) => page.evaluate(async (mebibytes, given) => {
      // The same in the page and in the worklet.
      const scarce = `{
        const { Memory } = WebAssembly;
        WebAssembly.Memory = class extends Memory {
          constructor(descriptor) {
            if (descriptor.initial > ${mebibytes} * 16) throw new RangeError('could not allocate memory');
            super(descriptor);
          }
        };
      }`;
      document.head.append(Object.assign(document.createElement('script'), { textContent: scarce }));
      const { addModule } = AudioWorklet.prototype;
      AudioWorklet.prototype.addModule = async function (address) {
        await addModule.call(this, URL.createObjectURL(new Blob([scarce], { type: 'text/javascript' })));
        return addModule.call(this, address);
      };
      const failure = await window.stage.failure(window.stage.start(given));
      return failure ?? window.stage.engine.memory().totalBytes / 2 ** 20;
    }, most, options));
    assert.equal(await starting(16, {}), 15);
    assert.equal(await starting(11, {}), 11);
    assertError(await starting(10, {}), 'out-of-memory', /11 MiB|could not allocate/);
    assertError(await starting(16, { memoryMebibytes: 20 }), 'out-of-memory', /20 MiB|could not allocate/);
  });
}

test('shared: nobody can make the memory grow', { skip }, async () => {
  const facts = await visiting(fixture, {}, (page) => page.evaluate(async () => {
    const memories = [];
    const { Memory } = WebAssembly;
    WebAssembly.Memory = class extends Memory {
      constructor(descriptor) {
        super(descriptor);
        memories.push(this);
      }
    };
    await window.stage.start();
    const largest = memories.sort((one, other) => other.buffer.byteLength - one.buffer.byteLength)[0];
    let thrown = null;
    try {
      largest.grow(1);
    } catch (error) {
      thrown = error.name;
    }
    return { thrown, bytes: largest.buffer.byteLength, total: window.stage.engine.memory().totalBytes };
  }));
  assert.deepEqual(facts, { thrown: 'RangeError', bytes: facts.total, total: facts.total });
});

test('shared: a worker whose script throws is replaced, and no sample changes', { skip }, async () => {
  const { values, ...facts } = await visiting(fixture, {}, (page) => page.evaluate(async () => {
    const { stage } = window;
    const RealWorker = Worker;
    window.Worker = class extends RealWorker {
      constructor(address) {
        super(String(address).endsWith('/worker.js') ? new URL('throwing.js', location.href) : address);
      }
    };
    await stage.start({ workers: 2 });
    const values = new Set();
    for (const end = performance.now() + 6000; performance.now() < end;) {
      values.add((await stage.engine.submit({ kind: 'test', seed: 9, slices: 64 })).value);
    }
    const { workers } = stage.engine;
    return { values: [...values], replaced: workers.every(({ restarts }) => restarts > 0), reasons: workers.every(({ lastExitReason }) => /thrown on purpose/.test(lastExitReason)), faults: stage.engine.report().faults };
  }));
  assert.equal(values.length, 1, `${values}`);
  assert.deepEqual(facts, { replaced: true, reasons: true, faults: [] });
});

/** The engine's whole life on a page that forbids what it can. */
async function assertStrict(own, mode) {
  const facts = await visiting(own, { ...modes[mode], policy: STRICT }, (page) => page.evaluate(async (url) => {
    const violations = [];
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => violations.push(`${violatedDirective} ${blockedURI}`));
    const required = 'trustedTypes' in window && await window.stage.failure(new Promise(() => new Worker('nothing.js'))) !== null;
    // Those of this try come a moment later.
    await window.stage.wait(0.2);
    violations.length = 0;
    await window.stage.start({ workers: 1 });
    await window.stage.addDeck();
    const [{ player }] = window.stage.decks;
    await player.load(url);
    await player.play();
    await window.stage.wait(0.5);
    const { real } = await window.stage.engine.computeFft(new Float32Array(64).fill(1));
    return { mode: window.stage.engine.mode, required, heard: player.telemetry.peakLeft > 0, sum: real[0], violations };
  }, `${own.server.origin}/track/excerpt-s16le.wav`));
  assert.deepEqual({ ...facts, required: true }, { mode, required: true, heard: true, sum: 64, violations: [] });
  return facts.required;
}

for (const mode of Object.keys(modes)) {
  test(`${mode}: a page that requires Trusted Types and allows our policy`, { skip }, async () => {
    assert.ok(await assertStrict(fixture, mode), 'the page refuses plain addresses');
  });

  test(`${mode}: a page that requires Trusted Types and allows none`, { skip }, async () => {
    const policy = STRICT.replace('trusted-types rusty-audio', "trusted-types 'none'");
    assertError(await startFailure({ ...modes[mode], policy }), 'trusted-types-blocked', /worker\.js was refused|rusty-audio/);
  });
}

describe('Firefox', { skip: missing('firefox') }, () => {
  const own = {};
  before(async () => {
    own.server = await startServer();
    own.audio = await startPulseAudio({ sampleRate: 44_100 });
    own.browser = await launch('firefox', { audio: own.audio });
  });
  after(async () => {
    await own.browser?.close();
    await own.audio?.close();
    await own.server?.close();
  });

  test('a page that requires Trusted Types and allows our policy', async () => {
    await assertStrict(own, 'shared');
  });
});
