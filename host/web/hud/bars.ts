// Bars: what a ring holds with its marks, and what latency is made of.
import type { FigureName } from '../schema.js';
import { addShape, makeDrawing, setAttribute } from './dom.js';
import { valueOf } from './reading.js';
import type { Part, Values } from './reading.js';

const WIDTH = 100;
const HEIGHT = 8;

const clamped = (share: number) => Math.min(Math.max(share || 0, 0), 1);
const place = (share: number) => (WIDTH * clamped(share)).toFixed(1);

function addRectangle(svg: SVGSVGElement, className: string): SVGElement {
  const rectangle = addShape(svg, 'rect', className);
  setAttribute(rectangle, 'height', String(HEIGHT));
  return rectangle;
}

/** How full the ring is, from empty to what it holds, with the least and the most that it was and what it is filled to. */
export class FillBar implements Part {
  readonly element = makeDrawing('bar', WIDTH, HEIGHT);
  readonly #fill = addRectangle(this.element, 'fill');
  readonly #target = addShape(this.element, 'path', 'target');
  readonly #marks = addShape(this.element, 'path', 'marks');

  draw(values: Values): void {
    const of = (name: FigureName) => valueOf(values, name);
    const [now, target] = [of('ringMilliseconds'), of('ringTargetMilliseconds')];
    const [low, high] = [of('ringLowMilliseconds'), of('ringHighMilliseconds')];
    const whole = of('ringCapacityMilliseconds') || Math.max(...[now, high, target].filter(Number.isFinite), 0);
    const line = (value: number) => (Number.isFinite(value) && whole > 0 ? `M${place(value / whole)} 0V${HEIGHT}` : '');
    setAttribute(this.#fill, 'width', place(now / whole));
    setAttribute(this.#marks, 'd', line(low) + line(high));
    setAttribute(this.#target, 'd', line(target));
  }
}

/** Latencies one after the other, up to the most that all of it was. */
export class StackedBar implements Part {
  readonly element = makeDrawing('bar', WIDTH, HEIGHT);
  readonly #names: readonly FigureName[] = ['engineLatencyMilliseconds', 'baseLatencyMilliseconds', 'outputLatencyMilliseconds'];
  readonly #parts = this.#names.map((_, index) => addRectangle(this.element, `stack-${index}`));

  draw(values: Values): void {
    const parts = this.#names.map((name) => valueOf(values, name) || 0);
    const whole = Math.max(parts.reduce((sum, part) => sum + part, 0), valueOf(values, 'latencyHighMilliseconds') || 0);
    let begin = 0;
    parts.forEach((part, index) => {
      setAttribute(this.#parts[index]!, 'x', place(begin / whole));
      setAttribute(this.#parts[index]!, 'width', place(part / whole));
      begin += part;
    });
  }
}
