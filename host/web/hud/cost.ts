// What the display itself costs.
import { quantityText } from './text.js';

/** Share of an update in the means, which are of the last ones. */
const SMOOTHING = 0.05;

export class Cost {
  updates = 0;
  /** Milliseconds of an update, and from one to the next. */
  #mean = NaN;
  #interval = NaN;
  #last = NaN;

  /** Mean time of the last updates in milliseconds; NaN before the first. */
  get milliseconds(): number {
    return this.#mean;
  }

  /** An update from `began` to `ended`. */
  add(began: number, ended: number): void {
    this.updates += 1;
    this.#mean = mean(this.#mean, ended - began);
    this.#interval = mean(this.#interval, began - this.#last);
    this.#last = began;
  }

  /** Nothing is to be done for a while. */
  rest(): void {
    this.#last = NaN;
  }

  /** In a sentence. */
  get text(): string {
    if (!(this.#interval > 0)) return '';
    const share = quantityText(this.#mean / this.#interval, 'share', 'estimated');
    const update = quantityText(this.#mean, 'milliseconds');
    return `\u2248: estimated. This display: ${update} an update, ${share} of the main thread, without the painting`;
  }
}

function mean(before: number, value: number): number {
  if (Number.isNaN(value)) return before;
  return Number.isNaN(before) ? value : before + SMOOTHING * (value - before);
}
