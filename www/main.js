// The demo page: a user of the package like any other. This file puts the parts together.

import { BUNDLED_TRACK } from './bundled_track.js';
import { bindDropZone } from './drop_zone.js';
import { startEngine } from './engine_start.js';
import { startEngineStatus } from './engine_status.js';
import { bindFaultPanel } from './fault_panel.js';
import { startHud } from './hud_panel.js';
import { bindKeyboard } from './keyboard.js';
import { letter } from './lettering.js';
import { startLevelMeter } from './level_meter.js';
import { showError } from './messages.js';
import { byId } from './page.js';
import { bindPlayerControls } from './player_controls.js';
import { bindQueueList } from './queue_list.js';
import { bindRoomSlider } from './room_slider.js';
import { bindSeekBar } from './seek_bar.js';
import { bindOpenControls, SourceOpening, sourceName } from './source_opening.js';
import { startSpectrum } from './spectrum_panel.js';
import { startSurvivalGauges } from './survival_gauges.js';
import { Transport } from './transport.js';

const query = new URLSearchParams(location.search);
const opening = new SourceOpening();
let transport = null;
let levels = () => null;

async function start() {
  let started;
  try {
    started = await startEngine(query.get('mode') === 'solo' ? 'solo' : 'auto');
  } catch (error) {
    // By a reload: a module that failed to load stays failed for the life of a page.
    showError(error, { retry: () => location.reload() });
    return;
  }
  const { engine, player, rack } = started;

  // For the console. Try:
  //   rustyAudio.player.currentTime = 10           jump
  //   rustyAudio.rack.set({ 'delay.mix': 0.5 })     an effect
  //   rustyAudio.rack.node.readings                what the effects measure
  //   rustyAudio.player.telemetry                  ring fill, starved frames, levels
  //   rustyAudio.engine.workers                    what each worker does, and how long its jobs take
  //   await rustyAudio.engine.computeFft(samples)  a spectrum, computed by a worker
  //   rustyAudio.engine.monitor.state()            what the display shows, as data
  //   rustyAudio.engine.report()                   all there is to know, for an issue
  //   rustyAudio.node.disconnect()                 `node` is the player: an AudioWorkletNode; connect it to
  //   rustyAudio.node.connect(anotherNode)         anything in `rustyAudio.engine.context`
  globalThis.rustyAudio = { engine, player, rack, node: player };

  transport = new Transport(player);
  player.addEventListener('error', (event) => showError(event.detail));
  bindPlayerControls(player, transport);
  bindSeekBar(player, transport);
  bindQueueList(byId('queue-list'), player);
  bindRoomSlider(rack);
  startEngineStatus(engine, player);
  bindFaultPanel(engine, player);
  startSurvivalGauges(engine, player);
  // A context that stands still publishes no levels: the last ones are old.
  levels = () => (engine.context.state === 'running' ? rack.node.telemetry : null);

  const opened = opening.attach(player);
  if (!opened) loadFirst();
  // What the first sound does not need comes after what it does.
  startSpectrum(engine, rack.node);
  startHud(engine, query.get('hud') === '1');
  openStudio(started);
}

async function openStudio(started) {
  try {
    const { startStudio } = await import('./studio.js');
    await startStudio(started, query.get('preset'));
  } catch (error) {
    showError(error);
  }
}

/** The track of `?file=`, or the bundled one, ready to be played by one click. */
function loadFirst() {
  const address = query.get('file');
  if (address) opening.load(address, sourceName(address));
  else opening.load(BUNDLED_TRACK.address, BUNDLED_TRACK.name);
}

letter(byId('wordmark'), 'Rusty Audio');
letter(byId('clock'), '0:00');
letter(byId('starved-figure'), '-');
byId('verdict').textContent = 'missing frames: the engine has not started yet.';
for (const button of document.querySelectorAll('.transport button, #volume-bar')) button.disabled = true;
startLevelMeter(byId('meter'), byId('meter-reading'), () => levels());
bindOpenControls(opening);
bindDropZone(opening);
bindKeyboard(() => transport);
start();
