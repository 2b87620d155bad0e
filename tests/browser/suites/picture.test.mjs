// The picture in browsers: with WebGPU on a software adapter, and with Canvas 2D.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { missing } from '../drivers/index.mjs';
import { full, modes, setUpPage } from './stage.mjs';

const AXE = fileURLToPath(import.meta.resolve('axe-core/axe.min.js'));
const WINDOWS = ['hann', 'hamming', 'blackman-harris', 'flat-top'];
const SAMPLE_RATE = 48_000;

const engines = [
  { title: 'Chromium, WebGPU', browser: 'chromium', mode: 'shared', backend: 'webgpu', options: { webgpu: true, flags: ['--js-flags=--expose-gc'] } },
  { title: 'Chromium, no adapter, solo', browser: 'chromium', mode: 'solo', backend: 'canvas' },
  { title: 'Firefox, WebGPU', browser: 'firefox', mode: 'shared', backend: 'webgpu', options: { webgpu: true } },
  { title: 'WebKitGTK', browser: 'webkit', mode: 'shared', backend: 'canvas', options: { shared: true } },
];

/** A page of its own for each group of tests, with an engine; `ask` calls what the page offers. */
function onPage({ browser, mode, options }) {
  const fixture = setUpPage(browser, 'picture', { options, faults: modes[mode], sampleRate: SAMPLE_RATE });
  before(() => fixture.ask('start'));
  return fixture;
}

for (const engine of engines) {
  describe(engine.title, { skip: missing(engine.browser) }, () => {
    const { ask } = onPage(engine);

    test('every view is drawn by what is meant to draw it', async () => {
      for (const view of ['bars', 'line', 'area', 'spectrogram', 'oscilloscope', 'goniometer']) {
        for (const channels of ['mono', 'left-right']) {
          const drawn = await ask('drawn', { view, channels });
          assert.deepEqual(drawn.errors, []);
          assert.equal(drawn.backend, engine.backend, drawn.reason);
          assert.equal(drawn.reason === '', engine.backend === 'webgpu', drawn.reason);
          // Firefox does not tell whose adapter it is.
          if (engine.backend === 'canvas') assert.equal(drawn.adapter, '');
          else if (engine.browser === 'chromium') assert.equal(drawn.adapter, 'google swiftshader');
          assert.ok(drawn.frames > 3, `${drawn.frames} pictures`);
          const onCpu = engine.backend === 'webgpu' || view === 'oscilloscope' || view === 'goniometer' ? 0 : drawn.frames;
          assert.equal(drawn.framesOnCpu, onCpu, `${view}: ${drawn.framesOnCpu} of ${drawn.frames} on the CPU`);
        }
      }
    });

    test('the time of a picture is told, on the main thread and, where there are timestamps, on the GPU', async () => {
      const { view: [cpu, gpu], told, hasTimestamps } = await ask('times');
      assert.ok(cpu >= 0 && cpu < 1000, `${cpu} ms`);
      if (engine.backend === 'webgpu' && hasTimestamps) assert.ok(gpu >= 0 && gpu < 1000, `${gpu} ms`);
      else assert.equal(gpu, null);
      assert.deepEqual(told, [cpu, gpu]);
    });

    test('a sine of −12 dBFS reads 1 kHz and −12.0 dB in every window', async () => {
      const sizes = full ? [512, 1024, 2048, 4096, 8192, 16_384, 32_768] : [1024, 32_768];
      for (const frequency of [1000, 1003.7]) {
        for (const reading of await ask('readings', frequency, WINDOWS, sizes)) {
          const bins = (reading.frequencyHz - frequency) / (SAMPLE_RATE / reading.fftSize);
          assert.ok(Math.abs(bins) < 0.02, `${JSON.stringify(reading)}: ${bins} bins off`);
          assert.ok(Math.abs(reading.levelDecibels + 12) < 0.05, JSON.stringify(reading));
          assert.match(reading.note, /^B5 \+(21|28) ¢$/);
        }
      }
    });
  });
}

describe('Chromium, WebGPU: age, faults, people', { skip: missing('chromium') }, () => {
  const fixture = onPage(engines[0]);
  const { ask } = fixture;

  test('an impulse is seen in the first picture that is told to have it, as old as is told', async () => {
    for (const { impulse, ends, claimed, drawn, shown } of await ask('impulses', full ? 50 : 10)) {
      const [last, end, ...later] = ends;
      assert.ok(last <= impulse + 1, `the picture up to frame ${last} had not the impulse of frame ${impulse}`);
      assert.ok(end > impulse && end > last, `frame ${impulse} in the picture up to ${end}`);
      // The newest sample's age is told, and the impulse is at most a hop older.
      const hop = Math.max(end - last, later[0] - end, later[1] - later[0]);
      const age = shown - impulse;
      // A repaint is told as one interval of the screen; what this one took longer, because the machine was busy, no one can foretell.
      const repaint = shown - drawn;
      assert.ok(age >= claimed - hop && age <= claimed + hop + repaint, `${age} frames old, ${claimed} were told, a hop of ${hop}, a repaint of ${repaint}`);
    }
  });

  test('a lost device is replaced, the sound goes on, and after three there is Canvas 2D', async () => {
    const lost = await ask('devicesLost', 2);
    assert.equal(lost.backend, 'webgpu', lost.reason);
    assert.ok(Math.abs(lost.sound - 0.251) < 0.01, `a peak of ${lost.sound}`);
    const last = await ask('devicesLost', 3);
    assert.equal(last.backend, 'canvas');
    assert.match(last.reason, /\w/);
    assert.deepEqual(last.errors, []);
  });

  test('without extent nothing is drawn and nothing fails', async () => {
    const { width, height, errors } = await ask('withoutExtent');
    assert.ok(width > 400 && height > 150, `${width} × ${height}`);
    assert.deepEqual(errors, []);
  });

  test('what cannot be seen is not drawn', async () => {
    assert.deepEqual(await ask('outOfSight'), [0, 0]);
  });

  test('two views at once', async () => {
    const views = await ask('two');
    for (const { backend, errors, loudest } of views) {
      assert.deepEqual([backend, errors], ['webgpu', []]);
      assert.ok(Math.abs(loudest.frequencyHz - 1000) < 5, JSON.stringify(loudest));
    }
  });

  test('views come and go, and nothing grows', async () => {
    await ask('comings', 5);
    const first = await ask('heap', 1);
    const { used, errors } = await ask('comings', full ? 100 : 30);
    const heap = await ask('heap', 1);
    assert.deepEqual(errors, []);
    // What has two lines to itself may lie one line further, by where a node lies.
    assert.ok(used.at(-1) <= used[0] + 64, `${used}`);
    // The heap's size is not sharper than this; of a hundred views each may leave 3 kB at most.
    assert.ok(heap - first < 300_000, `${heap - first} bytes more`);
  });

  test('the heap is flat while a view draws', async () => {
    await ask('keep');
    // Code that is compiled on the way takes half a minute to be there; what each picture left behind would go on growing.
    const grown = [];
    let last = await ask('heap', 3);
    while (grown.length < 15 && !(grown.length > 1 && grown.slice(-2).every((bytes) => bytes < 10_000))) {
      const now = await ask('heap', 3);
      grown.push(now - last);
      last = now;
    }
    assert.ok(grown.slice(-2).every((bytes) => bytes < 10_000), `${grown} bytes more each 3 s`);
    if (full) assert.ok(await ask('heap', 600) - last < 50_000);
  });

  test('it is used by keys, and says what is under the cursor', async () => {
    const { reading, spoken, value, stopped, gone, pointed, summary } = await ask('keys');
    // 20·1000^0.105 Hz.
    assert.match(reading, /^41\.\d Hz · E1 [+-]\d+ ¢ · −\d+\.\d dB$/);
    assert.equal(spoken, reading);
    assert.equal(value, '11');
    assert.equal(stopped, 0);
    assert.equal(gone, '');
    assert.match(pointed, /^(99\d\.\d Hz|1000\.0 Hz|1\.00\d kHz) · B5 .* · −12\.0 dB$/);
    assert.match(summary, /^Loudest: 1\.000 kHz · B5 \+21 ¢ · −12\.0 dB$/);
  });

  test('axe finds nothing against it, in both themes', async () => {
    await fixture.page.tab.addScriptTag({ path: AXE });
    for (const theme of ['light', 'dark']) {
      const { violations, passes } = await ask('judged', { theme });
      assert.deepEqual(violations, []);
      assert.ok(passes > 5, `${passes} rules were applied`);
    }
  });

  test('settings are checked', async () => {
    const { initial, invalid, attribute, refusals, told } = await ask('settings');
    assert.deepEqual(initial, { view: 'bars', fftSize: 8192, weighting: 'none' });
    assert.deepEqual(invalid, { view: 'bars', fftSize: 8192 });
    assert.equal(attribute, '2048');
    const texts = [/fftSize must be a power of two from 512 to 32768, not 1000/, /view must be "bars", .*, not pie/, /minimumDecibels must be -200 to 0, not NaN/];
    refusals.forEach((refusal, index) => {
      assert.equal(refusal?.code, 'invalid-argument');
      assert.match(refusal.message, texts[index]);
    });
    assert.deepEqual(told, ['invalid-argument']);
  });

  test('settings that contradict each other are told once, and the picture goes on', async () => {
    const { told, after } = await ask('contradiction');
    assert.equal(told.length, 1);
    assert.match(told[0], /^invalid-argument: .*minimumDecibels/);
    assert.deepEqual(after, []);
  });

  test('it is as sharp as the screen, and as strong as somebody wants', async () => {
    const { tab } = fixture.page;
    await ask('keep');
    const plain = await ask('keptLook');
    const session = await tab.context().newCDPSession(tab);
    await session.send('Emulation.setDeviceMetricsOverride', { width: 1280, height: 800, deviceScaleFactor: 2, mobile: false });
    const sharp = await ask('keptLook');
    await session.send('Emulation.clearDeviceMetricsOverride');
    assert.deepEqual([sharp.width, sharp.height], [2 * plain.width, 2 * plain.height]);
    assert.notEqual(plain.colors[0], plain.colors[1]);
    await tab.emulateMedia({ contrast: 'more' });
    const { colors } = await ask('keptLook');
    await tab.emulateMedia({ contrast: 'no-preference' });
    assert.equal(colors[0], colors[1]);
  });

  test('who wants no motion gets three pictures a second, and new ones', async () => {
    await fixture.page.tab.emulateMedia({ reducedMotion: 'reduce' });
    const frames = await ask('framesIn', 2);
    await fixture.page.tab.emulateMedia({ reducedMotion: 'no-preference' });
    assert.ok(frames >= 2 && frames <= 7, `${frames} pictures in 2 s`);
  });
});

describe('Chromium, a page behind another one', { skip: missing('chromium') }, () => {
  const fixture = onPage({ browser: 'chromium-tabs', mode: 'shared' });

  test('a hidden page draws nothing, and goes on when it is seen again', async () => {
    await fixture.ask('keep', { view: 'spectrogram' });
    const show = await fixture.page.hide();
    while (!(await fixture.ask('keptFrames')).hidden) await delay(50);
    const { frames } = await fixture.ask('keptFrames');
    await delay(full ? 60_000 : 3000);
    assert.equal((await fixture.ask('keptFrames')).frames, frames);
    await show();
    while ((await fixture.ask('keptFrames')).frames < frames + 3) await delay(50);
  });
});
