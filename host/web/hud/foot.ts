// What can be taken along: the report and the trace.
import type { Monitor } from '../monitor.js';
import { make, makeButton, setText } from './dom.js';

/** A browser reads a file that is being saved a while after the click. */
const KEPT_MS = 60_000;

export class Foot {
  readonly element = make('div', 'foot');
  readonly #told = make('p', 'told');
  /** Where the report is taken from by hand. */
  readonly #text = make('textarea', 'report');

  constructor(readonly monitor: Monitor | null) {
    this.element.dataset['row'] = 'report';
    this.#told.setAttribute('role', 'status');
    this.#text.readOnly = true;
    this.#text.hidden = true;
    this.#text.setAttribute('aria-label', 'Report');
    const buttons = [makeButton('Copy report', () => this.#copyReport()), makeButton('Save trace', () => this.#saveTrace())];
    for (const button of buttons) button.disabled = monitor === null;
    this.element.append(make('div', 'buttons', ...buttons), this.#told, this.#text);
  }

  async #copyReport(): Promise<void> {
    const report = JSON.stringify(this.monitor!.report(), null, 2);
    try {
      await navigator.clipboard.writeText(report);
      this.#text.hidden = true;
      this.#tell('The report is copied.');
    } catch {
      // There is no clipboard, or the page may not write to it.
      this.#text.value = report;
      this.#text.hidden = false;
      this.#text.focus();
      this.#text.select();
      this.#tell('The report is selected below: copy it from there.');
    }
  }

  #saveTrace(): void {
    const address = URL.createObjectURL(new Blob([this.monitor!.trace()], { type: 'application/json' }));
    const link = make('a');
    link.href = address;
    link.download = `trace-${new Date().toISOString().replace(/[:.]/g, '-')}.json`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), KEPT_MS);
    this.#tell('The trace is saved. It opens in ui.perfetto.dev.');
  }

  /** Says it politely, and says it again. */
  #tell(text: string): void {
    setText(this.#told, '');
    requestAnimationFrame(() => setText(this.#told, text));
  }
}
