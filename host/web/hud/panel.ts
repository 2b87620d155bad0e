// All that a display of one size consists of.
import type { Monitor } from '../monitor.js';
import { make, setText } from './dom.js';
import { FigureCell } from './figure_cell.js';
import { Foot } from './foot.js';
import { Head } from './head.js';
import type { Part, Reading, Values } from './reading.js';
import { RowView } from './row_view.js';
import { figuresOf, rowsOf, SECTIONS } from './rows.js';
import type { HudSize } from './rows.js';

/** Rows that are folded away together. */
interface Section {
  readonly fold: HTMLDetailsElement | null;
  readonly parts: Part[];
}

export class Panel {
  readonly element: HTMLElement;
  readonly #head: Head;
  readonly #sections: Section[] = [];
  readonly #cost = make('p', 'cost');

  /** `reset` begins to count anew; `unfold` is told that rows are seen that were not. */
  constructor(readonly size: HudSize, readonly monitor: Monitor | null, reset: () => void, unfold: () => void) {
    this.#head = new Head(size, monitor, reset, (isShown) => this.element.classList.toggle('explained', isShown));
    this.element = make('section', `panel ${size}`, this.#head.element);
    this.element.setAttribute('part', 'panel');
    this.element.setAttribute('aria-label', 'Latency');
    if (size === 'compact') this.#addCells();
    else this.#addRows(unfold);
    if (size === 'full') this.element.append(new Foot(monitor).element);
    if (size !== 'compact') this.element.append(this.#cost);
  }

  /** Moves what moves. */
  draw(values: Values): void {
    for (const part of this.#seen()) part.draw?.(values);
  }

  /** Writes what is read; `cost` tells of the display itself. */
  write(reading: Reading, cost: string): void {
    this.#head.write(reading);
    for (const part of this.#seen()) part.write?.(reading);
    setText(this.#cost, cost);
  }

  /** Ends what somebody has begun in it. */
  close(): void {
    for (const { parts } of this.#sections) {
      for (const part of parts) part.close?.();
    }
  }

  *#seen(): Iterable<Part> {
    for (const { fold, parts } of this.#sections) {
      if (!fold || fold.open) yield* parts;
    }
  }

  /** The first figure of each row, in one line. */
  #addCells(): void {
    const cells = rowsOf('compact').map(({ name, label, about }) => {
      const cell = new FigureCell(figuresOf(name)[0]!, label);
      cell.element.title = about;
      cell.element.dataset['row'] = name;
      return cell;
    });
    this.#sections.push({ fold: null, parts: cells });
    this.element.append(make('dl', 'cells', ...cells.map(({ element }) => element)));
  }

  #addRows(unfold: () => void): void {
    let rows = make('dl', 'rows');
    let section: Section = { fold: null, parts: [] };
    const begin = (fold: HTMLDetailsElement | null) => {
      rows = make('dl', 'rows');
      section = { fold, parts: [] };
      this.#sections.push(section);
      (fold ?? this.element).append(rows);
    };
    if (this.size === 'normal') begin(null);
    for (const row of rowsOf(this.size)) {
      const title = this.size === 'full' && SECTIONS[row.name];
      if (title) {
        const fold = make('details', 'section', make('summary', '', title));
        fold.open = true;
        fold.addEventListener('toggle', unfold);
        this.element.append(fold);
        begin(fold);
      }
      const view = new RowView(row, this.size, this.monitor);
      section.parts.push(view);
      rows.append(view.element);
    }
  }
}
