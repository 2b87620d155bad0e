// The demo page's rack, generators and microphone, measured at its output; its presets and links; and the pages of examples.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { RESPONSES, impulseResponse } from '../../../www/impulse_responses.js';
import { missing } from '../drivers/index.mjs';
import { prefix } from '../server/faults.mjs';
import { modes, setUp } from './stage.mjs';

const skip = missing('chromium');
const AXE = skip ? '' : readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');
// A microphone that beeps, and leave to use it.
const MICROPHONE = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];
const fixture = setUp('chromium', { skip, options: { flags: MICROPHONE } });
/** All of an AudioContext that an impulse response is computed with. */
const SILENT_CONTEXT = {
  sampleRate: 48_000,
  createBuffer(count, length) {
    const planes = Array.from({ length: count }, () => new Float32Array(length));
    return { copyToChannel: (samples, channel) => planes[channel].set(samples), getChannelData: (channel) => planes[channel] };
  },
};
const LEAST_HZ = 20;
const MOST_HZ = 20_000;

/** Waits for a condition in the page. Playwright's own way needs eval, which the page's policy forbids. */
async function until(tab, condition, parameter) {
  const text = `Boolean((${condition})(${JSON.stringify(parameter)}))`;
  const end = performance.now() + 20_000;
  while (!await tab.evaluate(text)) {
    if (performance.now() > end) throw new Error(`after 20 s it is not so that ${condition}`);
    await delay(50);
  }
}

/** Opens a page of www/, which may not isolate itself, gives it to `act`, and closes it; nothing may go wrong on its console until `act` is done, and `judge` begins. */
async function onPage(path, act, { faults = {}, judge = async () => {} } = {}) {
  const page = await fixture.browser.open(`${fixture.server.origin}${prefix(faults)}/www/${path}`, { serviceWorkers: 'block' });
  try {
    await act(page.tab);
    assert.deepEqual(page.console.filter((line) => /^(error|uncaught)/.test(line)), []);
    await judge(page.tab);
  } catch (error) {
    error.message += `\nThe page's console:\n${page.console.join('\n')}`;
    throw error;
  } finally {
    await page.close();
  }
}

/** The demo page with an ear behind the rack: `ear.hear()` resolves with the newest 32768 frames as soon as they are all new. */
const onDemo = (query, act, faults) => onPage(`index.html${query}`, async (tab) => {
  await until(tab, () => window.rustyAudio?.player.track?.duration > 0 && !document.getElementById('link-button').disabled);
  await tab.evaluate(() => {
    const { node } = window.rustyAudio.rack;
    const analyser = new AnalyserNode(node.context, { fftSize: 32_768, smoothingTimeConstant: 0 });
    node.connect(analyser);
    window.ear = {
      async hear() {
        const { currentTime, sampleRate } = node.context;
        // The limiter's lookahead and what the browser has rendered ahead included.
        while (node.context.currentTime < currentTime + 33_000 / sampleRate + 0.1) await new Promise((resolve) => { setTimeout(resolve, 20); });
        const samples = new Float32Array(analyser.fftSize);
        analyser.getFloatTimeDomainData(samples);
        return samples;
      },
      /** Level in dB of the sine of that frequency. */
      async level(hertz) {
        const samples = await this.hear();
        let [real, imaginary, weights] = [0, 0, 0];
        samples.forEach((sample, n) => {
          const weight = 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / samples.length);
          const angle = (2 * Math.PI * hertz * n) / node.context.sampleRate;
          real += weight * sample * Math.cos(angle);
          imaginary += weight * sample * Math.sin(angle);
          weights += weight;
        });
        return 20 * Math.log10((2 * Math.hypot(real, imaginary)) / weights);
      },
      /** The highest sample, as soon as nothing older can be heard. */
      async loudest() {
        return Math.max(...(await this.hear()).map(Math.abs));
      },
      /** Frequency in Hz by the first and the last of the zeros where it rises. */
      async frequency() {
        const samples = await this.hear();
        const zeros = [];
        samples.forEach((sample, n) => {
          const before = samples[n - 1];
          if (before < 0 && sample >= 0) zeros.push(n - sample / (sample - before));
        });
        return ((zeros.length - 1) * node.context.sampleRate) / (zeros.at(-1) - zeros[0]);
      },
    };
  });
  await act(tab);
}, { faults });

const choose = (tab, kind) => tab.locator(`#generator input[value=${kind}]`).check();
const near = (value, expected, tolerance, what) => assert.ok(Math.abs(value - expected) <= tolerance, `${what}: ${value}, not ${expected} ± ${tolerance}`);

for (const mode of ['shared', 'solo']) {
  test(`${mode}: a band of the equalizer raises a sine as it is told, drawn and switched`, { skip }, () => onDemo('', async (tab) => {
    await choose(tab, 'sine');
    await tab.locator('#generator-frequency').fill('0.55');
    const hertz = LEAST_HZ * (MOST_HZ / LEAST_HZ) ** 0.55;
    near(await tab.evaluate(() => window.ear.frequency()), hertz, hertz * 2e-4, 'frequency of the generator');
    const level = () => tab.evaluate((frequency) => window.ear.level(frequency), hertz);
    const flat = await level();
    near(flat, -18, 0.1, 'level of the generator');

    await tab.evaluate((frequency) => window.rustyAudio.rack.set({ 'equalizer.band3.frequency': frequency }), hertz);
    const point = tab.getByRole('slider', { name: 'Band 3', exact: true });
    await point.focus();
    for (let press = 0; press < 24; press += 1) await tab.keyboard.press('ArrowUp');
    assert.equal(await point.getAttribute('aria-valuenow'), '12.0');
    near(await level() - flat, 12, 0.1, 'the band raises it by');
    const drawn = await tab.evaluate((frequency) => {
      const factor = new Float32Array(1);
      window.rustyAudio.rack.node.getMagnitudeResponse(Float32Array.of(frequency), factor);
      const line = document.querySelector('.curve-line');
      const plot = document.querySelector('.curve').getBoundingClientRect();
      const { x, y, width, height } = document.querySelector('.curve-point:nth-of-type(3)').getBoundingClientRect();
      const places = line.getAttribute('d').slice(1).split('L').map((place) => place.split(' ').map(Number));
      const across = ((x + width / 2 - plot.x) / plot.width) * 1000;
      const nearest = places.reduce((best, place) => (Math.abs(place[0] - across) < Math.abs(best[0] - across) ? place : best));
      return { factor: factor[0], line: nearest[1] / 400, point: (y + height / 2 - plot.y) / plot.height };
    }, hertz);
    near(20 * Math.log10(drawn.factor), 12, 0.01, 'the curve');
    near(drawn.line, drawn.point, 0.01, 'the point lies on its line');

    const power = tab.getByRole('switch', { name: 'Equalizer on' });
    await power.click();
    assert.equal(await power.getAttribute('aria-checked'), 'false');
    near(await level(), flat, 0.1, 'with the equalizer off');
    await power.click();
    await point.focus();
    await tab.keyboard.press('Delete');
    near(await level(), flat, 0.1, 'with the band at 0 dB');
    assert.equal(await tab.evaluate(() => window.rustyAudio.player.paused), true, 'the keys were the point’s');
  }, modes[mode]));
}

/** On one page, one after the other, each with the rack as it was. */
const onOnePage = {
  'a point is dragged to where the pointer goes, and the sliders follow': async (tab) => {
    const point = tab.getByRole('slider', { name: 'Band 4', exact: true });
    await point.scrollIntoViewIfNeeded();
    const [plot, from] = [await tab.locator('.curve').boundingBox(), await point.boundingBox()];
    const [x, y] = [from.x + from.width / 2, from.y + from.height / 2];
    const before = await tab.evaluate(() => window.rustyAudio.rack.get('equalizer.band4.frequency'));
    await tab.mouse.move(x + 4, y - 3);
    await tab.mouse.down();
    await tab.mouse.move(x + 4 + 100, y - 3 - plot.height / 4, { steps: 5 });
    await tab.mouse.up();
    const { frequency, gain, most } = await tab.evaluate(() => {
      const { rack } = window.rustyAudio;
      return { frequency: rack.get('equalizer.band4.frequency'), gain: rack.get('equalizer.band4.gain'), most: rack.node.context.sampleRate / 2 };
    });
    near(gain, 15, 0.3, 'a quarter of 60 dB');
    near(frequency / before, (Math.min(most, 24_000) / 10) ** (100 / plot.width), 0.02, 'as far to the right');
    assert.match(await tab.locator('[data-parameter="equalizer.band4.gain"]').getAttribute('aria-valuetext'), /^\+1[45]\.\d dB$/);
    // A low pass has no gain: its point is as high as its quality.
    await tab.locator('[data-parameter="equalizer.band4.type"]').selectOption({ label: 'lowpass' });
    await point.focus();
    await tab.keyboard.press('ArrowUp');
    assert.ok(await tab.evaluate(() => window.rustyAudio.rack.get('equalizer.band4.q') > 1.05));
  },

  'every control of the rack has the name, the range and the unit that the engine tells': async (tab) => {
    const told = await tab.evaluate(() => [...document.querySelectorAll('.rack-effects .effect')].map((card) => {
      const { rack, engine } = window.rustyAudio;
      const description = engine.effects.find(({ name }) => name === card.dataset.effect);
      const settable = description.parameters.filter(({ name }) => !name.startsWith('band') && rack.node.parameters.has(`${description.name}.${name}`));
      const ends = [...card.querySelectorAll('input.slider')].map((slider) => {
        const { minValue, maxValue } = rack.node.parameters.get(slider.dataset.parameter);
        return [slider.min, slider.max].map((place, index) => {
          slider.value = place;
          slider.dispatchEvent(new Event('input', { bubbles: true }));
          return Math.abs(rack.get(slider.dataset.parameter) - [minValue, maxValue][index]) < 1e-4 * Math.max(1, Math.abs(maxValue));
        });
      });
      return { settable: settable.length, controls: card.querySelectorAll('[data-parameter]:not([data-parameter*=band])').length, ends: ends.flat().every(Boolean), sliders: ends.length };
    }));
    assert.equal(told.length, 7);
    for (const { settable, controls, ends } of told) assert.ok(settable === controls && ends, JSON.stringify(told));
  },

  'each example is linked': async (tab) => {
    const links = await tab.evaluate(() => [...document.querySelectorAll('.examples a')].map(({ href }) => href));
    for (const name of Object.keys(examples)) assert.ok(links.some((href) => href.endsWith(`/examples/${name}/`)), name);
  },

  'room, hall and plate ring as long as they are': async (tab) => {
    await tab.evaluate(() => {
      const { rack, engine: { context } } = window.rustyAudio;
      rack.set({ 'convolver.wet': 1, 'convolver.dry': 0 });
      return context.resume();
    });
    /** Levels of what follows a short pulse, in dB: about the first 0.6 s, and the next. */
    const ringing = () => tab.evaluate(async () => {
      const { rack, engine: { context } } = window.rustyAudio;
      const buffer = new AudioBuffer({ length: 480, sampleRate: context.sampleRate });
      buffer.getChannelData(0).fill(0.1);
      const source = new AudioBufferSourceNode(context, { buffer });
      source.connect(rack.node);
      source.start();
      const levels = [];
      for (let look = 0; look < 2; look += 1) {
        const samples = await window.ear.hear();
        levels.push(10 * Math.log10(samples.reduce((sum, x) => sum + x * x, 0) / samples.length + 1e-20));
      }
      return levels;
    });
    // What sounds may be late by any time on a busy machine, so only what rings at all tells who rings. Workers prepare a response while
    // the one before still sounds.
    const rings = ([, second]) => second > -115;
    const MOST_LOOKS = 6;
    for (const [name, isSo] of [['hall', rings], ['plate', rings], ['room', (levels) => levels[0] > -90 && levels[1] < -120], ['hall', rings]]) {
      await tab.locator('#response').selectOption(name);
      let levels;
      for (let look = 0; look < MOST_LOOKS && !(levels && isSo(levels)); look += 1) levels = await ringing();
      assert.ok(isSo(levels), `${name}: ${levels}`);
    }
    /** Twice the time that the energy which is left takes from −5 to −35 dB (ISO 3382). */
    const decays = Object.fromEntries(Object.keys(RESPONSES).map((name) => {
      const samples = impulseResponse(SILENT_CONTEXT, name).getChannelData(0);
      let left = 0;
      const energies = samples.map((_, n) => { left += samples[samples.length - 1 - n] ** 2; return left; }).reverse();
      const timeAt = (decibels) => energies.findIndex((energy) => energy < energies[0] * 10 ** (decibels / 10)) / SILENT_CONTEXT.sampleRate;
      return [name, 2 * (timeAt(-35) - timeAt(-5))];
    }));
    near(decays.hall, 2.1, 0.5, 'decay of the hall');
    near(decays.plate, 1.3, 0.3, 'decay of the plate');
    near(decays.room, 0.3, 0.15, 'decay of the room');
    const { usedBytes, totalBytes } = await tab.evaluate(() => window.rustyAudio.engine.memory());
    assert.ok(usedBytes < totalBytes);
  },

  'the generator makes pink noise, clicks and a sweep': async (tab) => {
    await choose(tab, 'pink');
    const octaves = await tab.evaluate(async () => {
      // By a transform of the engine's own, on a worker: the mean of some spectra, an octave at a time.
      const { engine } = window.rustyAudio;
      const bands = [125, 250, 500, 1000, 2000, 4000, 8000];
      const power = bands.map(() => 0);
      for (let look = 0; look < 4; look += 1) {
        const samples = await window.ear.hear();
        const { real, imaginary } = await engine.computeFft(samples.map((x, n) => x * (0.5 - 0.5 * Math.cos((2 * Math.PI * n) / samples.length))));
        bands.forEach((centre, band) => {
          const bin = (hertz) => Math.round((hertz * samples.length) / engine.context.sampleRate);
          for (let k = bin(centre / Math.SQRT2); k < bin(centre * Math.SQRT2); k += 1) power[band] += real[k] ** 2 + imaginary[k] ** 2;
        });
      }
      return power.map((sum) => 10 * Math.log10(sum));
    });
    const mean = octaves.reduce((sum, x) => sum + x) / octaves.length;
    for (const octave of octaves) near(octave, mean, 1, 'power of an octave of pink noise, dB');

    await choose(tab, 'clicks');
    const periods = await tab.evaluate(async () => {
      const { sampleRate } = window.rustyAudio.engine.context;
      for (let look = 0; look < 20; look += 1) {
        const samples = await window.ear.hear();
        const clicks = [...samples.keys()].filter((n) => Math.abs(samples[n]) > 0.05 && Math.abs(samples[n]) >= Math.abs(samples[n - 1] ?? 1) && Math.abs(samples[n]) >= Math.abs(samples[n + 1] ?? 1));
        if (clicks.length === 2) return (clicks[1] - clicks[0]) / sampleRate;
      }
      return null;
    });
    near(periods, 0.5, 1e-9, 'from click to click');

    await choose(tab, 'sweep');
    const [first, second] = await tab.evaluate(async () => [await window.ear.frequency(), await window.ear.frequency()]);
    assert.ok(second > 1.3 * first, `${first} Hz, then ${second} Hz`);
    await choose(tab, 'off');
    near(await tab.evaluate(() => window.ear.loudest()), 0, 1e-9, 'off');
  },

  'the microphone is heard after a warning, and lets go': async (tab) => {
    const button = tab.locator('#microphone-button');
    await button.click();
    assert.match(await tab.locator('#microphone-warning').textContent(), /headphones/);
    await tab.locator('#microphone-warning button', { hasText: 'Cancel' }).click();
    assert.equal(await button.getAttribute('aria-pressed'), 'false');
    await button.click();
    await tab.locator('#microphone-warning button', { hasText: 'Turn it on' }).click();
    await until(tab, () => document.getElementById('microphone-button').getAttribute('aria-pressed') === 'true');
    await until(tab, () => window.rustyAudio.rack.node.telemetry.peakLeft > 0.01);
    await button.click();
    assert.equal(await button.getAttribute('aria-pressed'), 'false');
    near(await tab.evaluate(() => window.ear.loudest()), 0, 1e-9, 'off');
  },
};
test('on one page', { skip }, (t) => onDemo('', async (tab) => {
  for (const [name, act] of Object.entries(onOnePage)) {
    await t.test(name, async () => {
      await tab.evaluate(() => window.rustyAudio.rack.apply(window.rustyAudio.rack.presets[0]));
      await act(tab);
    });
  }
}));

test('a link restores the rack, a preset is a file, and what is no preset is told', { skip }, async () => {
  const preset = { parameters: { 'equalizer.band2.gain': 4.5, 'delay.bypass': 0, 'delay.time': 0.2 }, response: 'hall' };
  let link = '';
  await onDemo(`?preset=${encodeURIComponent(JSON.stringify(preset))}`, async (tab) => {
    assert.deepEqual(await tab.evaluate(() => window.rustyAudio.rack.preset), preset);
    assert.equal(await tab.locator('#response').inputValue(), 'hall');
    assert.equal(await tab.locator('[data-parameter="delay.bypass"]').getAttribute('aria-checked'), 'true');
    assert.equal(await tab.locator('#preset option:checked').textContent(), 'Your own');

    const saved = tab.waitForEvent('download');
    await tab.locator('#save-preset-button').click();
    const file = await (await saved).path();
    assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), preset);
    await tab.locator('#preset').selectOption('Flat');
    await until(tab, () => window.rustyAudio.rack.get('equalizer.band2.gain') === 0 && !location.search.includes('preset'));
    await tab.locator('#preset-input').setInputFiles(file);
    await until(tab, () => window.rustyAudio.rack.get('equalizer.band2.gain') === 4.5);

    await tab.locator('#preset').selectOption('Telephone');
    await tab.locator('#hud-size').selectOption('full');
    await until(tab, () => /preset=Telephone/.test(location.search) && /hud=1/.test(location.search));
    await tab.locator('#preset-input').setInputFiles({ name: 'wrong.json', mimeType: 'application/json', buffer: Buffer.from('{"parameters":{"delay.tiem":1}}') });
    await until(tab, () => document.querySelector('#messages .message-code')?.textContent === 'invalid-argument');
    assert.equal(await tab.locator('#preset').inputValue(), 'Telephone', 'and nothing has changed');
    link = await tab.evaluate(() => location.search);
  });
  await onDemo(`${link}&mode=solo&file=track/lanterns.flac`, async (tab) => {
    assert.equal(await tab.locator('#preset').inputValue(), 'Telephone');
    assert.equal(await tab.locator('#hud-size').inputValue(), 'full');
    assert.equal(await tab.evaluate(() => window.rustyAudio.engine.mode), 'solo');
  });
  await onDemo('?preset=Nonsense', async (tab) => {
    await until(tab, () => document.querySelector('#messages .message-code')?.textContent === 'invalid-preset');
    assert.equal(await tab.locator('#preset').inputValue(), 'Flat');
  });
});

/** What each example does when it is used. */
const examples = {
  chain: async (tab) => {
    await tab.locator('#start').click();
    await tab.locator('#insert:enabled').click();
    await until(tab, () => window.example.node.telemetry.peakLeft > 0.01);
    assert.match(await tab.locator('#told').textContent(), /in, \d+\.\d ms late/);
    await tab.locator('#insert').click();
    assert.match(await tab.locator('#told').textContent(), /straight to the speakers/);
  },
  microphone: async (tab) => {
    await tab.locator('#start').click();
    await until(tab, () => window.example?.node.telemetry.peakLeft > 0.01);
    await tab.locator('#stop').click();
    await until(tab, () => window.example.context.state === 'closed' && window.example.stream.getTracks().every(({ readyState }) => readyState === 'ended'));
  },
  offline: async (tab) => {
    await tab.locator('#render').click();
    await until(tab, () => /of WAV\.$/.test(document.getElementById('told').textContent));
    const { worst, frames } = await tab.evaluate(async () => {
      const { rendered, file } = window.example;
      const again = await new OfflineAudioContext(2, 1, rendered.sampleRate).decodeAudioData(await file.arrayBuffer());
      const [a, b] = [rendered.getChannelData(1), again.getChannelData(1)];
      return { worst: a.reduce((most, x, n) => Math.max(most, Math.abs(x - b[n])), 0), frames: [a.length, b.length] };
    });
    assert.equal(frames[0], frames[1]);
    assert.ok(worst <= 2 ** -23, `24 bits differ by ${worst}`);
  },
  foreign: async (tab) => {
    await tab.locator('#start').click();
    await until(tab, () => document.getElementById('hud').statistics?.updates > 5 && /\d ms/.test(document.getElementById('hud').shadowRoot.querySelector('[data-row=latency]').textContent));
    await tab.locator('#block').click();
    await until(tab, () => /stood still/.test(document.getElementById('told').textContent));
  },
};
/** What axe has against a page. It writes styles that the page's policy forbids, which the console tells. */
async function judge(tab) {
  assert.equal(await tab.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0);
  await tab.evaluate(AXE);
  const { violations, passes } = await tab.evaluate(() => globalThis.axe.run(document));
  assert.ok(passes.length > 5);
  assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`), []);
}

for (const [name, act] of Object.entries(examples)) {
  test(`the example ${name} does what it says`, { skip }, () => onPage(`examples/${name}/index.html`, act, { judge }));
}

for (const [what, flags, code, told] of [
  ['refused', ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream=deny'], 'microphone-refused', /does not give this page the microphone/],
  ['not there', ['--use-fake-ui-for-media-stream', '--disable-audio-input'], 'no-microphone', /There is no microphone/],
]) {
  describe(`a microphone that is ${what}`, { skip }, () => {
    const other = setUp('chromium', { skip, options: { flags } });
    test('is told with what to do, and the track plays on', { skip }, async () => {
      const page = await other.browser.open(`${other.server.origin}/www/index.html`);
      try {
        const { tab } = page;
        await until(tab, () => window.rustyAudio?.player.track?.duration > 0 && !document.getElementById('microphone-button').disabled);
        await tab.keyboard.press('Space');
        await tab.locator('#microphone-button').click();
        await tab.locator('#microphone-warning button', { hasText: 'Turn it on' }).click();
        await until(tab, () => document.querySelector('#messages .message-code'));
        assert.equal(await tab.locator('#messages .message-code').first().textContent(), code);
        assert.match(await tab.locator('#messages .message-text').first().textContent(), told);
        assert.match(await tab.locator('#messages .message-advice').first().textContent(), /\S/);
        assert.equal(await tab.locator('#microphone-button').getAttribute('aria-pressed'), 'false');
        const before = await tab.evaluate(() => window.rustyAudio.player.currentTime);
        await until(tab, (time) => window.rustyAudio.player.currentTime > time + 0.3, before);
      } finally {
        await page.close();
      }
    });
  });
}

for (const [name, options] of Object.entries({ firefox: {}, webkit: { shared: true } })) {
  const skipped = missing(name);
  describe(name, { skip: skipped }, () => {
    const other = setUp(name, { skip: skipped, options });
    test('a link restores the rack there too', { skip: skipped }, async () => {
      const page = await other.browser.open(`${other.server.origin}/www/index.html?preset=Warm`);
      try {
        const end = performance.now() + 30_000;
        while (!await page.evaluate('() => document.getElementById("link-button")?.disabled === false')) {
          assert.ok(performance.now() < end, await page.evaluate('() => document.getElementById("messages").textContent'));
          await delay(200);
        }
        const seen = await page.evaluate(`() => {
          const { rack } = window.rustyAudio;
          const raised = new Float32Array(1);
          rack.node.getMagnitudeResponse(Float32Array.of(10), raised);
          return { parameters: rack.preset.parameters, chosen: document.getElementById('preset').value, raised: raised[0], cards: document.querySelectorAll('.effect').length };
        }`);
        const { parameters } = JSON.parse(readFileSync(new URL('../../../www/presets.json', import.meta.url), 'utf8')).find((preset) => preset.name === 'Warm');
        assert.deepEqual({ ...seen, raised: 0 }, { parameters, chosen: 'Warm', raised: 0, cards: 7 });
        near(20 * Math.log10(seen.raised), 4, 0.1, 'the low shelf, dB');
      } finally {
        await page.close();
      }
    });
  });
}
