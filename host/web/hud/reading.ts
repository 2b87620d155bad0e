// What the display shows at one moment.
import type { MonitorState } from '../monitor.js';
import { FIGURES } from '../schema.js';
import type { FigureName } from '../schema.js';

/** The figures of one moment. */
export interface Values {
  /** In the order of the table; NaN is what is unknown. */
  readonly values: Float64Array;
  /** When, on the page's clock. */
  readonly now: number;
}

/** All of one moment. */
export interface Reading extends Values {
  readonly state: MonitorState;
}

const PLACES = Object.fromEntries(FIGURES.map(({ name }, place) => [name, place])) as Record<FigureName, number>;

/** A figure of a moment. */
export function valueOf({ values }: Values, name: FigureName): number {
  return values[PLACES[name]]!;
}

/** A part of the display. Whatever it reads it has been given, so that nothing is laid out in between. */
export interface Part {
  readonly element: HTMLElement | SVGSVGElement;
  /** Moves what moves, up to ten times a second. */
  draw?(values: Values): void;
  /** Writes what is read, up to four times a second. */
  write?(reading: Reading): void;
  /** Ends what it has begun. */
  close?(): void;
}
