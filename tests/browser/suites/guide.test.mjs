// The user guide does what it says: its programs, taken from its text, run in Chromium, with the headers and without.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { serve } from '../../../scripts/serve.mjs';
import { launch, missing } from '../drivers/index.mjs';
import { guidePrograms, makeGuideSite } from '../server/guide.mjs';
import { trackPath } from '../sound/reference.mjs';

const skip = missing('chromium');

/** One that beeps, and that nobody is asked for. */
const MICROPHONE = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];

/** What shows that a program has done what its section says, from what it exports; it must hold in the page. */
const outcomes = {
  'support.js': async ({ mode, problems }, expected) => mode === expected && problems.length === 0,
  'threads.js': async ({ alone, wide, workers }, expected) => alone.mode === 'solo' && wide.mode === expected && workers === (expected === 'shared' ? 2 : 0),
  'effects.js': async ({ context, node, twin }) => {
    while (node.telemetry.processedFrames < context.sampleRate) await new Promise((resolve) => { setTimeout(resolve, 20); });
    return node.telemetry.peakLeft > 0 && node.parameters.get('equalizer.band3.gain').value < 0 && twin.effects.length === 3
      && twin.parameters.get('delay.time').value === 0.25;
  },
  'microphone.js': async ({ room }) => {
    // The fake microphone beeps once a second.
    while (!(room.telemetry.peakLeft > 0.001)) await new Promise((resolve) => { setTimeout(resolve, 20); });
    return true;
  },
  'offline.js': async ({ file, rendered }) => {
    const peak = Math.max(...rendered.getChannelData(0).map(Math.abs));
    const decoded = await new OfflineAudioContext(2, 1, rendered.sampleRate).decodeAudioData(await file.arrayBuffer());
    return peak > 0.3 && peak <= 10 ** (-6 / 20) + 1e-6 && decoded.length === rendered.length
      && [0, 1].every((channel) => decoded.getChannelData(channel).every((sample, frame) => sample === rendered.getChannelData(channel)[frame]));
  },
  'ending.js': async ({ context }) => context.state === 'closed',
  'jobs.js': async ({ loudestBin }) => loudestBin === 64,
  'production.js': async ({ monitor, recording, trace }) => (
    monitor.state().verdict !== '' && JSON.parse(trace).traceEvents.length > 0 && typeof JSON.parse(recording) === 'object'
  ),
};

/** Pages of the guide, and the scripts that belong to them. */
const pages = { 'index.html': 'main.js', 'hud.html': 'hud.js' };

test('every program of the guide is run below', () => {
  assert.deepEqual(Object.keys(guidePrograms).sort(), [...Object.keys(outcomes), ...Object.entries(pages).flat()].sort());
});

/** Waits for a condition in the page. */
async function until(page, condition) {
  const end = performance.now() + 15_000;
  while (!await page.evaluate(condition)) {
    if (performance.now() > end) throw new Error(`after 15 s it is not so that ${condition}\n${page.console.join('\n')}`);
    await delay(50);
  }
}

/** Runs in a page before its scripts: `output` hears what goes to the loudspeakers, `outputPeak()` tells how loud it is. */
function tapOutput() {
  const { connect } = AudioNode.prototype;
  AudioNode.prototype.connect = function (target, ...rest) {
    if (target === this.context.destination) {
      window.output = new AnalyserNode(this.context);
      connect.call(this, window.output);
    }
    return connect.call(this, target, ...rest);
  };
  const samples = new Float32Array(2048);
  window.outputPeak = () => {
    window.output.getFloatTimeDomainData(samples);
    return Math.max(...samples.map(Math.abs));
  };
}

for (const mode of ['shared', 'solo']) {
  describe(`served for ${mode} mode`, { skip }, () => {
    const fixture = {};
    before(async () => {
      fixture.site = makeGuideSite();
      fixture.server = await serve(fixture.site.folder, { isolated: mode === 'shared' });
      [fixture.browser, fixture.asking] = await Promise.all([launch('chromium', { flags: MICROPHONE }), launch('chromium', { gesture: true })]);
    });
    after(async () => {
      await Promise.all([fixture.browser?.close(), fixture.asking?.close()]);
      await fixture.server?.close();
      fixture.site?.remove();
    });

    test('the quick start is silent until the button is pressed, plays the track, and then another file', async () => {
      const page = await fixture.asking.open(`${fixture.server.address}blank.html`);
      try {
        await page.tab.addInitScript(tapOutput);
        await page.tab.goto(fixture.server.address);
        await until(page, () => !document.querySelector('#play').disabled);
        const told = () => page.evaluate(() => document.querySelector('#told').textContent);
        assert.match(await told(), new RegExp(`^track\\.flac, ${mode} mode\\.`));
        assert.equal(await page.evaluate(() => window.output.context.state), 'suspended');
        await page.tab.locator('#play').click();
        await until(page, () => window.outputPeak() > 0.01);
        await page.tab.locator('#play').click();
        await until(page, () => window.outputPeak() === 0);
        await page.tab.locator('#file').setInputFiles(trackPath('excerpt-s16le.wav'));
        await until(page, () => window.outputPeak() > 0.01);
        await page.tab.locator('#file').setInputFiles(`${fixture.site.folder}/main.js`);
        await until(page, () => document.querySelector('#told').textContent.startsWith('unsupported-format: '));
      } finally {
        await page.close();
      }
    });

    for (const [name, holds] of Object.entries(outcomes)) {
      test(name, async () => {
        const page = await fixture.browser.open(`${fixture.server.address}blank.html`);
        try {
          assert.ok(await page.tab.evaluate(`import('./${name}').then((program) => (${holds})(program, ${JSON.stringify(mode)}))`));
          assert.deepEqual(page.console.filter((line) => /^(error|uncaught)/.test(line)), []);
        } finally {
          await page.close();
        }
      });
    }

    test('the display tells of the context that it was given', async () => {
      const page = await fixture.browser.open(`${fixture.server.address}hud.html`);
      try {
        await until(page, () => document.querySelector('latency-hud').statistics?.updates > 3);
        assert.deepEqual(page.console.filter((line) => /^(error|uncaught)/.test(line)), []);
      } finally {
        await page.close();
      }
    });
  });
}
