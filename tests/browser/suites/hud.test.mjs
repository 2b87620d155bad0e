// The latency display, of a monitor that says what a test wants.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { missing } from '../drivers/index.mjs';
import { full, setUpPage } from './stage.mjs';

const AXE = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');
const SIZES = ['compact', 'normal', 'full'];
const THIN = '\u202f';
const MINUS = '\u2212';
const UNAVAILABLE = 'unavailable here';

/** Nothing but the page's own files, no inline style, and no string that becomes HTML or a script. */
const STRICT = "default-src 'self'; img-src data:; object-src 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

const engines = [
  { title: 'Chromium', browser: 'chromium' },
  { title: 'Firefox', browser: 'firefox' },
  { title: 'WebKitGTK', browser: 'webkit' },
];

/** A page of its own for each group of tests; `ask` calls what the page offers. */
function onPage({ browser, faults, viewport }) {
  const fixture = setUpPage(browser, 'hud', { faults, options: { viewport } });
  /** Presses a key of `Key`'s names, as a person does. */
  fixture.press = async (key) => {
    if (fixture.page.tab) return fixture.page.tab.keyboard.press(key);
    const { Key } = await import('selenium-webdriver');
    return fixture.page.driver.actions().sendKeys({ Tab: Key.TAB, Enter: Key.ENTER, ' ': Key.SPACE }[key]).perform();
  };
  return fixture;
}

for (const engine of engines) {
  describe(engine.title, { skip: missing(engine.browser) }, () => {
    const fixture = onPage(engine);
    const { ask } = fixture;

    test('every row of the table is there, and says something', async () => {
      await ask('show', { size: 'full' });
      const said = await ask('said');
      assert.deepEqual(Object.keys(said).toSorted(), (await ask('rows')).toSorted());
      for (const [row, text] of Object.entries(said)) assert.match(text, /\w/, row);
      assert.match(said.verdict, /^3 dropouts in 12 min, the last one 14 s ago: a worker was late\. since 13:45:02, .+ Reset Explain$/);
      assert.match(said.deviceUnderruns, /lost 21\.3 ms of the time 0\.03 % times 2 13:47:04 2 underruns 21 ms device stalled$/);
      assert.match(said.jobLatency, /13:46:35 3 jobs 2\.7 ms worker late$/);
      assert.match(said.callbackGaps, /13:46:03 gap 41 ms page frozen$/);
      assert.match(said.workers, /Worker 2 working 8\.4 % busy 0 jobs\/s 1 restart It sent no sign of life for 150 ms\.$/);
      assert.match(said.format, /^Format 48 000 Hz, quanta of 128 frames/);
      assert.match(said.contextState, /13:45:02 running 13:45:02 suspended$/);
      assert.match(said.faults, /13:47:22 audio-thread-fault mended in 118 ms The audio thread trapped: memory access out of bounds\.$/);
      assert.match(said.clockDrift, /last not yet$/);
      assert.match(said.gpu, /processor 0\.34 ms graphics 1\.20 ms$/);
    });

    test('what is estimated says so, and what is unknown is no number', async () => {
      await ask('show', { size: 'full' });
      const known = await ask('figures');
      assert.deepEqual(known.load, { text: '≈ 11 %', spoken: 'estimated 11 %', quality: 'estimated', title: 'estimated' });
      assert.deepEqual(known.jobP95Milliseconds, { text: '0.61 ms', spoken: 'measured 0.61 ms', quality: 'measured', title: 'measured' });
      assert.equal(known.driftPpm.text, `≈ ${MINUS}12 ppm`);
      assert.equal(known.denormalSamples.text, `1${THIN}204`);
      await ask('set', { jobsLate: null, loadPeak: null });
      const partly = await ask('figures');
      for (const name of ['jobsLate', 'loadPeak']) {
        assert.deepEqual([partly[name].text, partly[name].quality, partly[name].title], [UNAVAILABLE, 'unavailable', '']);
        assert.equal(partly[name].spoken, UNAVAILABLE);
      }
      await ask('show', { size: 'full', figures: { gaps: 0, jobsLate: 0 } });
      const begun = await ask('figures');
      assert.deepEqual(['lastGapMilliseconds', 'callbackMilliseconds', 'jobMaxMilliseconds'].map((name) => begun[name].text), ['not yet', UNAVAILABLE, 'not yet']);
      await ask('set', { load: 0 });
      assert.equal((await ask('figures')).load.text, '≈ 0 %');
    });

    test('of a browser that tells nothing every row says so in words', async () => {
      await ask('show', { size: 'full', figures: {}, state: 'quiet' });
      const { verdict, report, roundTrip, ...rest } = await ask('said');
      for (const [row, text] of Object.entries(rest)) assert.ok(text.endsWith(UNAVAILABLE), `${row}: ${text}`);
      assert.match(roundTrip, /not measured Measure$/);
      assert.match(verdict, /^Nothing has sounded yet\./);
      assert.match(report, /Copy report/);
      assert.doesNotMatch(Object.values(rest).join(), /\d/);
      await ask('show', { size: 'compact', figures: {}, state: 'quiet' });
      const compact = await ask('said');
      for (const row of ['deviceUnderruns', 'callbackGaps', 'starvation', 'audioLoad', 'latency']) assert.ok(compact[row].endsWith(UNAVAILABLE), compact[row]);
    });

    test('nothing is wider than 320 pixels, whatever is to be said', async () => {
      for (const size of SIZES) {
        for (const state of ['eventful', 'excessive']) {
          await ask('show', { size, state, narrow: true, explained: true });
          assert.deepEqual(await ask('overflow'), [], `${size}, ${state}`);
        }
      }
      // Of 64 underruns 16 are of each kind; 8 have room.
      const said = await ask('said');
      assert.match(said.starvation, /and 8 earlier$/);
      assert.equal(said.starvation.match(/\d\d:\d\d:\d\d/g).length, 8);
    });

    test('it is brought up to date ten times a second at most, and its texts four times', async () => {
      await ask('show', { size: 'full' });
      const { updates, texts, frames, seconds, costMilliseconds, isRunning, cost } = await ask('updatesIn', full ? 20 : 3);
      assert.ok(updates <= 10 * seconds + 1, `${updates} updates in ${seconds} s`);
      assert.ok(texts <= 4 * seconds + 1, `${texts} times texts were written in ${seconds} s`);
      assert.ok(updates > 3 && texts > 1 && frames > updates, `${updates} updates, ${texts} of texts, in ${frames} pictures`);
      assert.ok(isRunning && costMilliseconds >= 0 && costMilliseconds < 100, `${costMilliseconds} ms`);
      assert.match(cost, /^≈: estimated\. This display: .+ ms an update, ≈? ?.+ % of the main thread/);
    });

    test('what has not changed is not written', async () => {
      await ask('show', { size: 'full' });
      assert.deepEqual(await ask('rewritten'), []);
    });

    test('what cannot be seen costs nothing, and nobody measures for it', async () => {
      await ask('show', { size: 'full' });
      const { again, ...unseen } = await ask('unseen');
      for (const [reason, { watched, ...rest }] of Object.entries(unseen)) {
        assert.equal(watched, 1, reason);
        assert.deepEqual(rest, { watchers: 0, updates: 0, reads: 0, timers: 0, frames: 0 }, reason);
      }
      assert.equal(again, 1);
      const { before, folded, unfolded } = await ask('foldedRow', 'jobLatency');
      assert.equal(folded, before);
      assert.match(unfolded, /77/);
    });

    test('a screen reader is told what is new, and not more', async () => {
      const told = await ask('announced');
      assert.deepEqual(told, ['No dropouts in 1 s.', '1 dropout.']);
      assert.equal(new Set(await ask('lamps')).size, 4);
    });

    test('it begins anew, and tells since when', async () => {
      await ask('show', { size: 'normal' });
      const { resets, since } = await ask('reset');
      assert.equal(resets, 1);
      assert.match(since, /^since 14:45:02, /);
    });

    test('the report is copied, or selected where there is no clipboard', async () => {
      await ask('show', { size: 'full' });
      const copied = await ask('copied', true);
      assert.equal(JSON.parse(copied.copied).figures.load, 0.112);
      assert.deepEqual([copied.selected, copied.role, copied.told], [null, 'status', 'The report is copied.']);
      const selected = await ask('copied', false);
      assert.equal(JSON.parse(selected.selected).figures.load, 0.112);
      assert.ok(selected.focused);
      assert.match(selected.told, /selected below/);
    });

    test('the trace is saved', async () => {
      await ask('show', { size: 'full' });
      const saved = await ask('saved', '{"traceEvents":[1]}');
      assert.match(saved.name, /^trace-2\d{3}-.*Z\.json$/);
      assert.equal(saved.text, '{"traceEvents":[1]}');
      assert.match(saved.told, /^The trace is saved\./);
    });

    test('it is used by keys', async () => {
      await ask('show', { size: 'full' });
      const order = [];
      for (let step = 0; step < 11; step += 1) {
        await fixture.press('Tab');
        order.push(await ask('focused'));
      }
      assert.deepEqual(order, [
        'Reset', 'Explain', 'Underruns', 'Buffers and jobs', 'Load', 'Time', 'Measure', 'Surroundings', 'Repairs', 'Copy report', 'Save trace',
      ]);
      await ask('show', { size: 'full' });
      for (let step = 0; step < 3; step += 1) await fixture.press('Tab');
      await fixture.press('Enter');
      assert.deepEqual(await ask('folded'), ['Underruns']);
      await fixture.press(' ');
      assert.deepEqual(await ask('folded'), []);
    });

    test('a button explains every row, by touch and by keys', async () => {
      const about = await ask('about');
      for (const size of ['normal', 'full']) {
        await ask('show', { size });
        const none = await ask('explanations');
        assert.ok(Object.keys(none).length >= 8 && Object.values(none).every((text) => text === ''), JSON.stringify(none));
        await fixture.press('Tab');
        await fixture.press('Tab');
        await fixture.press('Enter');
        for (const [row, text] of Object.entries(await ask('explanations'))) assert.equal(text, about[row], row);
        await ask('press', 'Explain');
        assert.deepEqual(await ask('explanations'), none);
      }
    });

    test('the round trip is measured after a warning, and what goes wrong is said in its row', async () => {
      await ask('show', { size: 'full' });
      await ask('microphones', 'refused');
      const idle = { told: '', isUnderWay: false, buttons: ['Measure'] };
      assert.deepEqual(await ask('measurement'), idle);
      await ask('press', 'Measure');
      const warned = await ask('measurement');
      assert.match(warned.told, /loud noise.*volume low/);
      assert.deepEqual([warned.isUnderWay, warned.buttons], [false, ['The volume is low', 'Cancel']]);
      await ask('press', 'Cancel');
      assert.deepEqual([await ask('measurement'), await ask('asked')], [idle, 0]);
      await ask('press', 'Measure');
      await ask('press', 'The volume is low');
      const failed = await ask('measured');
      assert.match(failed.told, /^The microphone was not given.*NotAllowedError.*Connect a microphone and allow the page to use it\.$/);
      assert.deepEqual([failed.buttons, await ask('asked')], [['Measure'], 1]);
    });

    test('a measurement that is under way can be stopped, and ends with the display', async () => {
      await ask('show', { size: 'full' });
      await ask('microphones', 'never');
      const begin = async () => {
        await ask('press', 'Measure');
        await ask('press', 'The volume is low');
      };
      await begin();
      const begun = await ask('measurement');
      assert.match(begun.told, /^Allow the microphone/);
      assert.deepEqual([begun.isUnderWay, begun.buttons], [true, ['Stop']]);
      await ask('press', 'Stop');
      assert.deepEqual(await ask('measured'), { told: 'Stopped.', isUnderWay: false, buttons: ['Measure'] });
      await begin();
      assert.equal(await ask('takenAway'), 'Stopped.');
    });

    test('axe finds nothing against it, in three sizes and both themes', async () => {
      await fixture.page.evaluate(`() => { ${AXE} }`);
      for (const size of SIZES) {
        for (const theme of ['light', 'dark']) {
          for (const given of [{ explained: true }, { state: 'excessive' }, { figures: {}, state: 'quiet', narrow: true }]) {
            await ask('show', { size, theme, ...given });
            const { violations, passes } = await ask('judged');
            assert.deepEqual(violations, [], `${size}, ${theme}`);
            assert.ok(passes > 5, `${passes} rules were applied`);
          }
        }
      }
    });

    test('settings are checked, and what was given early is taken', async () => {
      const { initial, set, invalid, refusal } = await ask('settings');
      assert.deepEqual([initial, set, invalid], [['normal', 'auto'], ['full', 'dark'], 'normal']);
      assert.match(refusal[0], /^invalid-argument: size must be "normal", "compact", "full", not huge/);
      assert.match(refusal[1], /^invalid-argument: theme must be "auto", "light", "dark", not pink/);
      assert.equal(await ask('upgraded'), true);
    });

    test('it takes an engine or a monitor, and tells what it cannot take', async () => {
      await ask('show', { size: 'compact' });
      const { engine, direct, kept, watchers, errors } = await ask('attached');
      assert.deepEqual([engine, direct, kept, watchers], [true, true, true, [0, 1]]);
      assert.deepEqual(errors, ['EngineError invalid-argument']);
    });

    test('a context without an engine is watched, until another is', async () => {
      await ask('show', { size: 'full' });
      const { vain, given, said, errors } = await ask('foreign');
      assert.deepEqual([vain, given, errors], [1, 1, ['EngineError invalid-argument']]);
      assert.match(said.format, /\d+ Hz.*no engine/);
      assert.deepEqual([said.starvation, said.ringFill], [`Ring starvation ${UNAVAILABLE}`, `Ring fill ${UNAVAILABLE}`]);
    });

    test('with nothing attached there is nothing to be pressed', async () => {
      await ask('show', { size: 'full' });
      assert.deepEqual(await ask('bare'), { said: 'Nothing is measured yet.', disabled: ['Reset', 'Measure', 'Copy report', 'Save trace'], isRunning: false });
    });

    test('pictures of the page tell of themselves', async () => {
      await ask('show', { size: 'full' });
      const [none, waiting, one] = await ask('pictures');
      assert.deepEqual([none, waiting], ['', 'nothing drawn yet']);
      assert.match(one, /^WebGPU \(acme turbo\) · \d+ pictures? a second · sound ≈ 31 ms old · 1 device lost$/);
    });

    test('the page chooses its colours', async () => {
      for (const [theme, background] of [['light', 'rgb(251, 248, 241)'], ['dark', 'rgb(31, 26, 22)']]) {
        await ask('show', { theme });
        assert.equal(await ask('look', 'background-color'), background);
        const numbered = Array.from({ length: 8 }, (_, place) => `rgb(1, 2, ${place})`);
        assert.deepEqual(await ask('given'), [numbered[0], numbered[1], numbered[3], ...numbered]);
      }
    });

    test('numbers are the same in every locale', async () => {
      const cases = [
        [['quantityText', 0, 'milliseconds'], '0 ms'],
        [['quantityText', 0.0004, 'milliseconds'], '<0.01 ms'],
        [['quantityText', 0.416, 'milliseconds'], '0.42 ms'],
        [['quantityText', 9.996, 'milliseconds'], '10.0 ms'],
        [['quantityText', 99.96, 'milliseconds'], '100 ms'],
        [['quantityText', 1234.4, 'milliseconds'], `1${THIN}234 ms`],
        [['quantityText', 10_923, 'milliseconds'], '10.9 s'],
        [['quantityText', -41.6, 'milliseconds', 'estimated'], `${MINUS}42 ms`],
        [['quantityText', 'NaN', 'milliseconds'], UNAVAILABLE],
        [['quantityText', 1, 'frames'], '1 frame'],
        [['quantityText', 1_234_567, 'frames'], `1${THIN}234${THIN}567 frames`],
        [['quantityText', 0.000_001, 'share'], '<0.01 %'],
        [['quantityText', 0.084, 'share'], '8.4 %'],
        [['quantityText', 1, 'share'], '100 %'],
        [['quantityText', 12.34, 'partsPerMillion', 'estimated'], '+12 ppm'],
        [['quantityText', -0.001, 'partsPerMillion'], `>${MINUS}0.01 ppm`],
        [['quantityText', 999_000, 'bytes'], '999 kB'],
        [['quantityText', 20_971_520, 'bytes'], '21.0 MB'],
        [['quantityText', 12_345, 'count'], `12${THIN}345`],
        [['durationText', 59_999], '59 s'],
        [['durationText', 3_599_999], '59 min'],
        [['durationText', 7_500_000], '2 h 5 min'],
        [['clockText', await ask('START')], '13:45:02'],
        [['words', 'audioThreadOverloaded'], 'audio thread overloaded'],
        [['countText', 1, 'frame'], '1 frame'],
      ];
      assert.deepEqual(await ask('texts', cases.map(([call]) => call)), cases.map(([, text]) => text));
    });
  });
}

describe('Chromium: a page that forbids what it can', { skip: missing('chromium') }, () => {
  const fixture = onPage({ browser: 'chromium', faults: { policy: STRICT } });

  test('nothing is against its policy', async () => {
    for (const size of SIZES) await fixture.ask('show', { size, state: 'excessive' });
    await fixture.ask('reset');
    assert.deepEqual(await fixture.ask('forbidden'), []);
    assert.deepEqual(fixture.page.console, []);
  });
});

describe('Chromium: people', { skip: missing('chromium') }, () => {
  const fixture = onPage({ browser: 'chromium', viewport: { width: 320, height: 640 } });
  const { ask } = fixture;
  const look = (name) => ask('look', name);
  const emulate = (media) => fixture.page.tab.emulateMedia(media);

  test('a page of 320 pixels is not scrolled sideways', async () => {
    for (const size of SIZES) {
      await ask('show', { size, state: 'excessive' });
      assert.equal(await fixture.page.tab.evaluate(() => document.documentElement.scrollWidth), 320, size);
    }
  });

  test('it follows the theme, strong contrast and forced colours of the system', async () => {
    await ask('show', { size: 'full' });
    const light = await look('background-color');
    await emulate({ colorScheme: 'dark' });
    assert.notEqual(await look('background-color'), light);
    await emulate({ colorScheme: 'light' });
    assert.notEqual(await look('--quiet'), await look('--text'));
    await emulate({ contrast: 'more' });
    assert.equal(await look('--quiet'), await look('--text'));
    await emulate({ contrast: 'no-preference', forcedColors: 'active' });
    assert.deepEqual([await look('--background'), await look('--text'), await look('--accent')], ['Canvas', 'CanvasText', 'Highlight']);
    await emulate({ forcedColors: 'none' });
  });

  test('who wants no motion gets one update a second', async () => {
    await emulate({ reducedMotion: 'reduce' });
    await ask('show', { size: 'normal' });
    const { updates, seconds } = await ask('updatesIn', 4);
    await emulate({ reducedMotion: 'no-preference' });
    assert.ok(updates >= 1 && updates <= seconds + 1, `${updates} updates in ${seconds} s`);
  });
});

describe('Chromium, a page behind another one', { skip: missing('chromium') }, () => {
  const fixture = onPage({ browser: 'chromium-tabs' });

  test('a hidden page is not brought up to date, and goes on when it is seen again', async () => {
    await fixture.ask('show', { size: 'full' });
    const show = await fixture.page.hide();
    while (!(await fixture.ask('keep')).hidden) await delay(50);
    const { updates, isRunning, watchers } = await fixture.ask('keep');
    assert.deepEqual([isRunning, watchers], [false, 0]);
    await delay(full ? 60_000 : 2000);
    assert.equal((await fixture.ask('keep')).updates, updates);
    await show();
    while ((await fixture.ask('keep')).updates < updates + 3) await delay(50);
    assert.equal((await fixture.ask('keep')).watchers, 1);
  });
});
