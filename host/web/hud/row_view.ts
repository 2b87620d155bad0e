// A row of the display: its label, what it draws, its figures, what it says, what it can be asked for.
import type { Monitor } from '../monitor.js';
import type { Row } from '../schema.js';
import { make, setHidden, setText } from './dom.js';
import { FigureCell, unknownText } from './figure_cell.js';
import { valueOf } from './reading.js';
import type { Part, Reading, Values } from './reading.js';
import { ACTIONS, figuresOf, GRAPHICS, WORDS } from './rows.js';
import type { HudSize } from './rows.js';

export class RowView implements Part {
  readonly element: HTMLElement;
  readonly #cells: readonly FigureCell[];
  readonly #parts: readonly Part[];
  readonly #words: readonly Part[];
  readonly #figures = make('dl', 'figures');
  readonly #graphics = make('div', 'graphics');
  /** Takes the figures' place when none of them is known and nothing else is said. */
  readonly #unknown = make('p', 'unknown');
  readonly #action: Part | undefined;

  constructor(readonly row: Row, size: HudSize, monitor: Monitor | null) {
    this.#cells = figuresOf(row.name).map((figure) => new FigureCell(figure));
    const graphics = GRAPHICS[row.name]?.() ?? [];
    this.#words = size === 'full' ? WORDS[row.name]?.() ?? [] : [];
    this.#parts = [...graphics, ...this.#words];
    this.#action = size === 'full' ? ACTIONS[row.name]?.(monitor) : undefined;
    this.#figures.append(...this.#cells.map(({ element }) => element));
    this.#graphics.append(...graphics.map(({ element }) => element));
    const label = make('dt', 'label', row.label);
    label.title = row.about;
    const content = make('dd', 'content', make('p', 'about', row.about));
    if (graphics.length > 0) content.append(this.#graphics);
    if (this.#cells.length > 0) content.append(this.#figures);
    content.append(this.#unknown);
    content.append(...this.#words.map(({ element }) => element));
    if (this.#action) content.append(this.#action.element);
    this.element = make('div', 'row', label, content);
    this.element.dataset['row'] = row.name;
  }

  draw(values: Values): void {
    for (const part of this.#parts) part.draw?.(values);
  }

  write(reading: Reading): void {
    for (const cell of this.#cells) cell.write(reading);
    for (const part of this.#parts) part.write?.(reading);
    const isUnknown = this.#cells.every(({ figure }) => !Number.isFinite(valueOf(reading, figure.name)));
    const isSilent = this.#words.every(({ element }) => (element as HTMLElement).hidden);
    setHidden(this.#figures, isUnknown);
    setHidden(this.#graphics, isUnknown);
    setText(this.#unknown, isUnknown && isSilent ? unknownText(this.#cells[0]?.figure.name, reading) : '');
  }

  close(): void {
    this.#action?.close?.();
  }
}
