// The panel of misfortunes: its buttons, what came of them, and when they cannot be had.

import { MISFORTUNES } from './misfortunes.js';
import { MisfortuneLog } from './misfortune_log.js';
import { eachFrame } from './frames.js';
import { showError } from './messages.js';
import { byId, setText } from './page.js';
import { deviceUnderruns } from './figures.js';
import { damageText, soloPanelText } from './wording.js';

const RATE_PER_S = 5;
// Until counters of the audio thread have arrived here.
const SETTLE_MS = 300;

const settled = () => new Promise((resolve) => { setTimeout(resolve, SETTLE_MS); });

/** What counts as damage, so far. */
function tally({ engine, player }) {
  return { missingFrames: player.telemetry.starvedFrames, underruns: deviceUnderruns(engine) };
}

/** Lets the buttons befall `engine` and `player`. */
export function bindFaultPanel(engine, player) {
  const stage = { engine, player };
  const log = new MisfortuneLog(byId('fault-log'));
  const note = byId('fault-note');
  const underWay = new Set();

  function showAvailability() {
    const solo = engine.mode === 'solo';
    for (const [id, { needsPool }] of Object.entries(MISFORTUNES)) {
      const unavailable = (needsPool && solo) || underWay.has(id);
      // Not `disabled`, which would take the focus away and hide the reason from it.
      byId(id).setAttribute('aria-disabled', String(unavailable));
    }
    note.hidden = !solo;
    if (solo) setText(note, soloPanelText(engine.modeReason));
  }

  async function befall(id) {
    const { begun, act, needsPool } = MISFORTUNES[id];
    if (underWay.has(id) || (needsPool && engine.mode === 'solo')) return;
    if (player.paused || player.ended || engine.context.state !== 'running') {
      log.write('Nothing is playing. Press play first, so that you hear what this does.');
      return;
    }
    underWay.add(id);
    showAvailability();
    const settle = log.write(`${begun} …`);
    const before = tally(stage);
    try {
      const outcome = await act(stage);
      await settled();
      settle(`${outcome} ${damageText(before, tally(stage))}`);
    } catch (error) {
      settle(`${begun}: ${error.message}`);
      showError(error);
    } finally {
      underWay.delete(id);
      showAvailability();
    }
  }

  for (const id of Object.keys(MISFORTUNES)) {
    byId(id).disabled = false;
    byId(id).addEventListener('click', () => befall(id));
  }
  eachFrame(showAvailability, RATE_PER_S);
}
