// A list of what happened or of what there is, each entry in a few words.
import { make, setHidden, setText } from './dom.js';
import type { Part, Reading } from './reading.js';

/** Entries that are shown. */
const SHOWN = 8;

/** The words of each entry. */
export type Entries = (reading: Reading) => readonly (readonly string[])[];

export class List implements Part {
  readonly element = make('div', 'list');
  readonly #list = make('ol');
  readonly #rest = make('p', 'rest');

  /** `isNewestFirst`: what comes last is shown first, and what has no room is older. */
  constructor(label: string, readonly entries: Entries, readonly isNewestFirst: boolean) {
    // Without bullets WebKit takes it for no list.
    this.#list.setAttribute('role', 'list');
    this.#list.setAttribute('aria-label', label);
    this.element.append(this.#list, this.#rest);
  }

  write(reading: Reading): void {
    const entries = this.entries(reading);
    const shown = this.isNewestFirst ? entries.slice(-SHOWN).reverse() : entries.slice(0, SHOWN);
    setHidden(this.element, shown.length === 0);
    while (this.#list.children.length > shown.length) this.#list.lastChild!.remove();
    while (this.#list.children.length < shown.length) this.#list.append(make('li'));
    shown.forEach((words, index) => writeWords(this.#list.children[index]!, words));
    const rest = entries.length - shown.length;
    setText(this.#rest, rest === 0 ? '' : `and ${rest} ${this.isNewestFirst ? 'earlier' : 'more'}`);
  }
}

function writeWords(item: Element, words: readonly string[]): void {
  while (item.children.length < words.length) item.append(make('span'), ' ');
  // What has nothing to say for a moment keeps its place.
  [...item.children].forEach((child, index) => setText(child, words[index] ?? ''));
}
