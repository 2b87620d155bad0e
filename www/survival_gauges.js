// What the engine went through: its workers, who computed the room, what was missing, what was mended, and the memory.

import { eachFrame } from './frames.js';
import { byId, setText } from './page.js';
import { deviceUnderruns } from './figures.js';
import { byteText, countText, durationText, jobPlacesText, memoryPartsText, shareText, underrunsText } from './wording.js';
import { workerTable } from './worker_table.js';

const RATE_PER_S = 5;

/** Shows the state of `engine` and `player` in the panel from now on. */
export function startSurvivalGauges(engine, player) {
  const showWorkers = workerTable(byId('worker-rows'));
  const gaps = [];
  player.addEventListener('recovered', ({ detail }) => gaps.push(detail.gap));

  function showJobs(jobs) {
    const takenBack = jobs.takenUnclaimed + jobs.takenSilent;
    const all = jobs.byWorkers + jobs.own + takenBack;
    const share = all > 0 ? jobs.byWorkers / all : 0;
    setText(byId('jobs-text'), all > 0 ? `${shareText(share)} by workers` : '–');
    setText(byId('jobs-note'), all > 0 ? jobPlacesText(jobs) : 'none yet: turn the room up');
    byId('jobs-bar').style.width = `${share * 100}%`;
  }

  function showMissing() {
    setText(byId('missing-text'), countText(player.telemetry.starvedFrames));
    setText(byId('missing-note'), underrunsText(deviceUnderruns(engine)));
  }

  function showRecoveries() {
    setText(byId('recoveries-text'), countText(gaps.length));
    if (gaps.length === 0) return;
    setText(byId('recoveries-note'), `the last one after ${durationText(gaps.at(-1))} of silence, faded out and in`);
  }

  function showMemory({ usedBytes, totalBytes, parts }) {
    setText(byId('memory-text'), `${byteText(usedBytes)} of ${byteText(totalBytes)}`);
    setText(byId('memory-note'), memoryPartsText(parts));
    byId('memory-bar').style.width = `${(usedBytes / totalBytes) * 100}%`;
  }

  eachFrame(() => {
    const { workers, memory, audioJobs } = engine.report();
    for (const id of ['worker-table', 'worker-note']) byId(id).hidden = workers.length === 0;
    showWorkers(workers);
    // In solo mode the audio thread has no one to share with.
    byId('jobs-gauge').hidden = !audioJobs;
    if (audioJobs) showJobs(audioJobs);
    showMissing();
    showRecoveries();
    showMemory(memory);
  }, RATE_PER_S);
}
