// What was done to the engine and what followed, the latest first.

import { makeElement } from './page.js';

const MOST_ENTRIES = 6;

export class MisfortuneLog {
  #list;

  constructor(list) {
    this.#list = list;
  }

  /** Says that something has begun, or all there is to say. Returns what takes the entry's place when more is known. */
  write(text) {
    const entry = makeElement('li', 'log-entry', text);
    this.#list.querySelector('.log-empty')?.remove();
    this.#list.prepend(entry);
    while (this.#list.children.length > MOST_ENTRIES) this.#list.lastElementChild.remove();
    return (outcome) => { entry.textContent = outcome; };
  }
}
