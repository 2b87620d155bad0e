// No false alarm: whatever a person does with a player is no underrun.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { missing } from '../drivers/index.mjs';
import { full, modes, onStage, setUp } from './stage.mjs';

const skip = missing('chromium');
const fixture = setUp('chromium-tabs', { skip });

/** Of each of the deeds. */
const seconds = full ? 600 : 8;

/** What is done, and then left alone for `seconds`. */
const deeds = {
  plays: async () => {},
  'is paused': (stage) => { stage.decks[0].player.pause(); },
  'plays again': async (stage) => { await stage.decks[0].player.play(); },
  seeks: async (stage) => { for (const second of [3, 30, 9]) await stage.decks[0].player.seekToFrame(second * 44_100); },
  'is suspended and resumed': async (stage) => {
    await stage.context.suspend();
    await stage.wait(2);
    await stage.context.resume();
  },
  'comes to its end': async (stage) => {
    const [{ player }] = stage.decks;
    await player.seekToFrame(Math.round((player.duration - 2) * 44_100));
  },
  'begins anew': async (stage) => {
    await stage.decks[0].player.seekToFrame(0);
    await stage.decks[0].player.play();
  },
};

for (const mode of Object.keys(modes)) {
  test(`${mode}: nothing is counted of a player that ${Object.keys(deeds).join(', ')}, and in a hidden tab`, { skip }, async () => {
    await onStage(fixture, mode, { decks: 0 }, async ({ page, run, server }) => {
      await run(async (stage, url) => {
        stage.monitor = stage.engine.monitor;
        await stage.addDeck();
        await stage.decks[0].player.load(url);
        await stage.decks[0].player.play();
        await stage.wait(3);
        stage.monitor.reset();
      }, `${server.origin}/track/lanterns.flac`);
      const look = async (deed) => {
        const { figures, underruns, verdict } = await run((stage) => stage.monitor.report());
        const told = `${deed}: ${JSON.stringify({ underruns, figures })}`;
        assert.deepEqual([figures.starvedFrames, figures.starvations], [0, 0], told);
        assert.ok(Number.isFinite(figures.load) && figures.load < 1, told);
        if (mode === 'shared') assert.equal(figures.jobsRefused, 0, told);
        // On a machine that others use the browser may really have lost something: then it is no false alarm.
        assert.ok(figures.gaps === 0 || figures.deviceUnderruns > 0, told);
        assert.ok(underruns.every(({ kind }) => kind === 'jobs') || figures.deviceUnderruns > 0, told);
        if (!figures.deviceUnderruns) assert.match(verdict, /^No dropouts/, told);
      };
      for (const [deed, act] of Object.entries(deeds)) {
        await run(`async (stage, seconds) => {
          await (${String(act)})(stage);
          await stage.wait(seconds);
        }`, seconds);
        await look(deed);
      }
      await page.hide();
      await run((stage, wait) => stage.wait(wait), seconds);
      assert.equal(await run(() => document.visibilityState), 'hidden');
      await look('is hidden');
    });
  });
}
