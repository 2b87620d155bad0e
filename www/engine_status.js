// The proof: what the engine, the browser and the device say about the sound. What a browser does not
// report is said to be unknown; it is never shown as 0.

import { eachFrame } from './frames.js';
import { letter } from './lettering.js';
import { announce, showError } from './messages.js';
import { byId, setText } from './page.js';
import { deviceUnderruns, latencies } from './figures.js';
import { countText, durationText, rateText } from './wording.js';

const RATE_PER_S = 5;
const UNREPORTED = 'not reported';
const UNREPORTED_NOTE = 'this browser does not say';
const COUNTED_NOTE = 'counted by the browser between page and device';

function showUnderruns(engine) {
  const underruns = deviceUnderruns(engine);
  setText(byId('underruns-text'), underruns ? countText(underruns.events) : UNREPORTED);
  // The monitor asks the browser once a second, so at first nothing is known.
  const counted = underruns?.events > 0 ? `${durationText(underruns.seconds)} in all, between page and device` : COUNTED_NOTE;
  setText(byId('underruns-note'), underruns ? counted : UNREPORTED_NOTE);
}

function showLatency(engine) {
  // No device has a latency of 0: that is what a browser says that does not know, or not yet.
  const parts = Object.entries(latencies(engine)).filter(([, seconds]) => seconds > 0);
  if (parts.length === 0) {
    setText(byId('latency-text'), UNREPORTED);
    setText(byId('latency-note'), UNREPORTED_NOTE);
    return;
  }
  setText(byId('latency-text'), durationText(parts.reduce((sum, [, seconds]) => sum + seconds, 0)));
  const said = parts.map(([name, seconds]) => `${name} ${durationText(seconds)}`);
  if (parts.length === 1) said.push(`${parts[0][0] === 'base' ? 'output' : 'base'} ${UNREPORTED}`);
  setText(byId('latency-note'), said.join(', '));
}

function showRing(telemetry, rate) {
  const { bufferedFrames, targetFrames } = telemetry;
  // The audio thread has not reported yet while the context waits for its first gesture.
  if (targetFrames === 0) return;
  setText(byId('ring-text'), `${durationText(bufferedFrames / rate)} of ${durationText(targetFrames / rate)}`);
  byId('ring-bar').style.width = `${Math.min(bufferedFrames / targetFrames, 1) * 100}%`;
}

function showVerdict(telemetry, rate) {
  const { processedFrames, starvedFrames, starvationEvents } = telemetry;
  letter(byId('starved-figure'), String(starvedFrames));
  const rendered = `${countText(processedFrames)} rendered`;
  if (starvedFrames === 0) {
    setText(byId('verdict'), processedFrames === 0 ? 'missing frames: nothing has been rendered yet.' : `missing frames of ${rendered}.`);
    return;
  }
  const times = starvationEvents === 1 ? 'once' : `${countText(starvationEvents)} times`;
  setText(byId('verdict'), `missing frames of ${rendered}: ${durationText(starvedFrames / rate)} of silence, ${times}.`);
}

/** An engine whose audio thread fails too often goes on in solo mode. */
function showMode(engine) {
  setText(byId('workers-text'), countText(engine.workers.length));
  setText(byId('mode-text'), engine.mode === 'shared' ? 'Shared memory' : 'Solo');
  // Says as well what to change to get shared mode.
  setText(byId('mode-reason'), engine.modeReason);
}

function bindReport(engine) {
  const button = byId('report-button');
  button.disabled = false;
  button.addEventListener('click', async () => {
    const report = JSON.stringify(engine.report(), null, 2);
    try {
      await navigator.clipboard.writeText(report);
      button.textContent = 'Copied';
      announce('The report is on the clipboard');
      setTimeout(() => { button.textContent = 'Copy the engine’s report'; }, 2000);
    } catch {
      console.log(report);
      showError({ code: 'clipboard-blocked', message: 'The browser does not give this page the clipboard.', advice: 'The report is on the console instead.' });
    }
  });
}

/** Shows the state of `engine` and `player` from now on. */
export function startEngineStatus(engine, player) {
  const { context } = engine;
  bindReport(engine);
  eachFrame(() => {
    const { telemetry } = player;
    showMode(engine);
    showVerdict(telemetry, context.sampleRate);
    showRing(telemetry, context.sampleRate);
    showUnderruns(engine);
    showLatency(engine);
    setText(byId('context-text'), `audio ${context.state} at ${rateText(context.sampleRate)}`);
  }, RATE_PER_S);
}
