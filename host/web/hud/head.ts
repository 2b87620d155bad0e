// The verdict, since when it counts, the button that begins anew, and the one that explains.
import type { Monitor } from '../monitor.js';
import { make, makeButton, makeToggle, setAttribute, setText } from './dom.js';
import type { Part, Reading } from './reading.js';
import type { HudSize } from './rows.js';
import { clockText, durationText } from './text.js';

/** What a screen reader says by itself comes so often at most, unless matters have become better or worse. */
const SPOKEN_MS = 10_000;

export class Head implements Part {
  readonly element = make('div', 'head');
  readonly #lamp = make('span', 'lamp');
  readonly #verdict = make('p', 'verdict');
  readonly #spoken = make('p', 'spoken');
  readonly #since = make('span', 'since');
  #level = '';
  #subject = '';
  #said = -Infinity;

  /** `reset` begins to count anew; `explain` shows what each row is about, or does not any more. */
  constructor(size: HudSize, monitor: Monitor | null, reset: () => void, explain: (isShown: boolean) => void) {
    this.element.dataset['row'] = 'verdict';
    for (const seen of [this.#lamp, this.#verdict]) seen.setAttribute('aria-hidden', 'true');
    this.#spoken.setAttribute('role', 'status');
    this.element.append(this.#lamp, this.#verdict, this.#spoken);
    if (size === 'compact') return;
    const anew = makeButton('Reset', reset);
    anew.disabled = monitor === null;
    const explanations = makeToggle('Explain', explain);
    this.element.append(make('div', 'counting', this.#since, ' ', anew, ' ', explanations));
  }

  write({ state, now }: Reading): void {
    setText(this.#verdict, state.verdict);
    setAttribute(this.element, 'data-level', state.level);
    setText(this.#since, state.since ? `since ${clockText(state.since)}, ${durationText(Date.now() - state.since)}` : '');
    this.#say(state.verdict, state.level, state.underruns[state.underruns.length - 1]?.at, now);
  }

  /** A time that passes is no news; an underrun is, and another sentence. */
  #say(verdict: string, level: string, lastUnderrun: number | undefined, now: number): void {
    const subject = `${verdict.replace(/\d+/g, '')} ${lastUnderrun}`;
    if (level === this.#level && (subject === this.#subject || now - this.#said < SPOKEN_MS)) return;
    [this.#level, this.#subject, this.#said] = [level, subject, now];
    setText(this.#spoken, verdict);
  }
}
