// How many jobs took how long: classes that double, heights by the logarithm of their counts.
import { addShape, make, makeDrawing, setAttribute, setHidden, setText } from './dom.js';
import type { Part, Reading } from './reading.js';
import { quantityText } from './text.js';

const HEIGHT = 24;
/** Of a class's width; the rest is the space between two. */
const FILLED = 0.8;

export class Histogram implements Part {
  readonly element = make('div', 'histogram');
  readonly #drawing = makeDrawing('classes', 1, HEIGHT);
  readonly #bars = addShape(this.#drawing, 'path', 'fill');
  readonly #from = make('span');
  readonly #to = make('span');

  constructor() {
    this.element.append(this.#drawing, make('div', 'axis', this.#from, ' ', this.#to));
  }

  write({ state: { jobLatencies: classes } }: Reading): void {
    const isEmpty = classes.length === 0;
    setHidden(this.element, isEmpty);
    if (isEmpty) return;
    const top = Math.log1p(Math.max(...classes.map(({ count }) => count), 1));
    setAttribute(this.#drawing, 'viewBox', `0 0 ${classes.length} ${HEIGHT}`);
    const bar = (count: number, x: number) => `M${x} ${HEIGHT}v${(-HEIGHT * Math.log1p(count) / top).toFixed(1)}h${FILLED}V${HEIGHT}Z`;
    setAttribute(this.#bars, 'd', classes.map(({ count }, x) => (count > 0 ? bar(count, x) : '')).join(''));
    setText(this.#from, quantityText(classes[0]!.fromMilliseconds, 'milliseconds'));
    setText(this.#to, quantityText(2 * classes[classes.length - 1]!.fromMilliseconds, 'milliseconds'));
  }
}
