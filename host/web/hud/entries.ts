// What the lists of the rows say.
import type { Underrun, UnderrunKind } from '../monitor.js';
import type { Entries } from './list.js';
import { clockText, countText, quantityText, words } from './text.js';

const AMOUNTS: { readonly [kind in UnderrunKind]: (amount: number) => string } = {
  starvation: (frames) => countText(frames, 'frame'),
  jobs: (jobs) => countText(jobs, 'job'),
  device: (times) => countText(times, 'underrun'),
  gap: () => 'gap',
};

function underrunWords({ kind, cause, at, milliseconds, amount }: Underrun): string[] {
  const duration = quantityText(milliseconds, 'milliseconds', 'estimated');
  return [clockText(at), AMOUNTS[kind](amount), duration, cause ? words(cause) : 'cause unknown'];
}

/** Underruns of a kind. Those of other kinds may be the same ones, seen from elsewhere. */
export function underruns(kind: UnderrunKind): Entries {
  return ({ state }) => state.underruns.filter((underrun) => underrun.kind === kind).map(underrunWords);
}

/** The states of the context. */
export const contextStates: Entries = ({ state }) => state.states.map(({ state: name, at }) => [clockText(at), name]);

/** What failed on the audio thread. */
export const faults: Entries = ({ state }) => state.faults.map(({ code, message, at, recoveryMilliseconds }) => [
  clockText(at), code,
  recoveryMilliseconds === null ? 'not mended' : `mended in ${quantityText(recoveryMilliseconds, 'milliseconds')}`, message,
]);

/** The workers, with the jobs that each did in a second since the last time. */
export function workers(): Entries {
  let jobsBefore: number[] = [];
  let before = 0;
  return ({ state, now }) => {
    const seconds = (now - before) / 1000;
    const entries = state.workers.map(({ state: name, busyShare, jobs, restarts, lastExitReason }, index) => {
      const rate = (jobs - (jobsBefore[index] ?? NaN)) / seconds;
      return [
        `Worker ${index + 1}`, name, `${quantityText(busyShare, 'share')} busy`,
        rate >= 0 ? `${Math.round(rate)} jobs/s` : countText(jobs, 'job'), countText(restarts, 'restart'), lastExitReason ?? '',
      ];
    });
    jobsBefore = state.workers.map(({ jobs }) => jobs);
    before = now;
    return entries;
  };
}
