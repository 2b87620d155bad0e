// A figure over the last half minute.
import { addShape, makeDrawing, setAttribute } from './dom.js';
import type { Part, Reading, Values } from './reading.js';

/** Readings that it shows: 30 s of four a second. */
const LENGTH = 120;
const HEIGHT = 24;
/** After so long without a reading the line is broken. */
const BREAK_MS = 2000;

/** What of a moment is drawn; NaN leaves a gap. */
export type Take = (values: Values) => number;

export class Sparkline implements Part {
  readonly element = makeDrawing('sparkline', LENGTH - 1, HEIGHT);
  readonly #area = addShape(this.element, 'path', 'area');
  readonly #line = addShape(this.element, 'path', 'line');
  readonly #history = new Float64Array(LENGTH).fill(NaN);
  #last = -Infinity;

  /** `top` is what the upper edge stands for at least. */
  constructor(readonly take: Take, readonly top: Take) {}

  write(reading: Reading): void {
    if (reading.now - this.#last > BREAK_MS) this.#push(NaN);
    this.#last = reading.now;
    this.#push(this.take(reading));
    const highest = this.#history.reduce((most, value) => (value > most ? value : most), this.top(reading) || 0);
    const [line, area] = paths(this.#history, highest || 1);
    setAttribute(this.#line, 'd', line);
    setAttribute(this.#area, 'd', area);
  }

  #push(value: number): void {
    this.#history.copyWithin(0, 1);
    this.#history[LENGTH - 1] = value;
  }
}

/** The line and what lies under it. */
function paths(history: Float64Array, highest: number): [line: string, area: string] {
  let line = '';
  let area = '';
  let isDrawing = false;
  history.forEach((value, x) => {
    const isKnown = Number.isFinite(value);
    if (!isKnown && isDrawing) area += `V${HEIGHT}Z`;
    if (isKnown) {
      const y = (HEIGHT * (1 - Math.max(value, 0) / highest)).toFixed(1);
      line += isDrawing ? `L${x} ${y}` : `M${x} ${y}`;
      area += isDrawing ? `L${x} ${y}` : `M${x} ${HEIGHT}V${y}`;
    }
    isDrawing = isKnown;
  });
  return [line, isDrawing ? `${area}V${HEIGHT}Z` : area];
}
