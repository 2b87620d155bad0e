// The place in a picture that is read out, by pointer or by keys.
import type { Reading } from '../render.js';
import type { Area } from './grid.js';
import { readingText, setText } from './text.js';

/** Steps over the axis, and those with Page Up and Page Down. */
const STEP = 1 / 200;
const PAGE = 1 / 20;

const clamped = (share: number) => Math.min(Math.max(share, 0), 1);

export class Cursor {
  /** Shares of the picture's width and height, from the upper left corner; null when there is none. */
  #place: { x: number; y: number } | null = null;

  constructor(readonly plot: HTMLElement, readonly line: HTMLElement, readonly text: HTMLElement) {}

  /** Goes to the pointer. */
  point({ clientX, clientY }: PointerEvent, area: Area): void {
    const { left, top } = this.plot.getBoundingClientRect();
    const place = { x: (clientX - left - area.left) / area.width, y: (clientY - top - area.top) / area.height };
    this.#place = place.x === clamped(place.x) && place.y === clamped(place.y) ? place : null;
  }

  /** Goes where a key says, on an axis that goes upwards or to the right. Whether it is such a key. */
  press(key: string, isUpright: boolean): boolean {
    const place = this.#place ?? { x: 0.5, y: 0.5 };
    const share = isUpright ? 1 - place.y : place.x;
    const steps: Record<string, number> = {
      ArrowRight: share + STEP, ArrowUp: share + STEP, ArrowLeft: share - STEP, ArrowDown: share - STEP,
      PageUp: share + PAGE, PageDown: share - PAGE, Home: 0, End: 1,
    };
    const next = steps[key];
    if (next === undefined) return false;
    this.#place = isUpright ? { ...place, y: 1 - clamped(next) } : { ...place, x: clamped(next) };
    return true;
  }

  leave(): void {
    this.#place = null;
  }

  /** Where it stands on the axis, and in which of so many pictures, one above the other; null when there is none. */
  stand(rows: number, isUpright: boolean): { share: number; row: number } | null {
    if (!this.#place) return null;
    const { x, y } = this.#place;
    const row = Math.min(Math.floor(y * rows), rows - 1);
    return { share: isUpright ? 1 - (y * rows - row) : x, row };
  }

  /** Shows what lies under it; nothing when there is nothing. */
  show(reading: Reading | null, area: Area, isUpright: boolean): void {
    const text = reading && this.#place ? readingText(reading) : '';
    this.line.hidden = !text;
    setText(this.text, text);
    if (!this.#place || !text) return;
    const { x, y } = this.#place;
    this.line.classList.toggle('level', isUpright);
    this.line.style.transform = isUpright ? `translateY(${area.top + y * area.height}px)` : `translateX(${area.left + x * area.width}px)`;
    this.plot.setAttribute('aria-valuenow', String(Math.round(100 * (isUpright ? 1 - y : x))));
    this.plot.setAttribute('aria-valuetext', text);
  }
}
