// Rows that are a line of words.
import { make, setHidden, setText } from './dom.js';
import type { Part, Reading } from './reading.js';
import { countText, quantityText } from './text.js';

/** A line, which is not there while there is nothing to say. */
class Line {
  readonly element = make('p', 'words');

  protected say(words: string): void {
    setHidden(this.element, words === '');
    setText(this.element, words);
  }
}

/** What the context and the engine run with. */
export class FormatLine extends Line implements Part {
  write({ state }: Reading): void {
    this.say(state.format);
  }
}

/** What is read of a view. Its module is not loaded for that. */
interface View extends Element {
  readonly backend?: 'webgpu' | 'canvas' | null;
  readonly backendReason?: string;
  readonly adapter?: string;
  readonly sampleAge?: number;
  readonly statistics?: { readonly frames: number; readonly lostDevices: number };
}

const BACKENDS = { webgpu: 'WebGPU', canvas: 'Canvas 2D' };
/** Pictures are counted over so long. */
const RATE_MS = 1000;

/** What the `<spectrum-view>`s of the page tell of themselves. */
export class PictureLine extends Line implements Part {
  #frames = new WeakMap<View, number>();
  #rates = new WeakMap<View, number>();
  #counted = -Infinity;

  write({ now }: Reading): void {
    const views = [...document.querySelectorAll<View>('spectrum-view')];
    if (now - this.#counted >= RATE_MS) {
      const seconds = (now - this.#counted) / 1000;
      for (const view of views) {
        const frames = view.statistics?.frames ?? 0;
        this.#rates.set(view, (frames - (this.#frames.get(view) ?? NaN)) / seconds);
        this.#frames.set(view, frames);
      }
      this.#counted = now;
    }
    this.say(views.map((view) => this.#words(view)).join('; '));
  }

  #words(view: View): string {
    const { backend, backendReason, adapter, sampleAge, statistics } = view;
    if (!backend || !statistics) return 'nothing drawn yet';
    const rate = this.#rates.get(view) ?? NaN;
    const age = 1000 * (sampleAge ?? NaN);
    return [
      BACKENDS[backend] + (backendReason || adapter ? ` (${backendReason || adapter})` : ''),
      rate >= 0 ? countText(Math.round(rate), 'picture a second', 'pictures a second') : '',
      Number.isFinite(age) ? `sound \u2248 ${quantityText(age, 'milliseconds', 'estimated')} old` : '',
      `${countText(statistics.lostDevices, 'device')} lost`,
    ].filter(Boolean).join(' \u00b7 ');
  }
}
