// The round trip, measured when somebody asks for it and has been warned.
import type { Monitor } from '../monitor.js';
import type { RoundTrip } from '../round_trip.js';
import type { EngineError } from '../types.js';
import { make, makeButton, setHidden, setText } from './dom.js';
import type { Part } from './reading.js';
import { quantityText } from './text.js';

const WARNING = 'A loud noise will sound for four seconds. Take headphones off your ears, and turn the volume low.';
const UNDER_WAY = 'Allow the microphone if the browser asks for it. Then noise sounds for four seconds.';
const STOPPED = 'Stopped.';

export class Measurement implements Part {
  readonly element = make('div', 'measurement');
  readonly #said = make('p', 'outcome');
  readonly #progress = make('progress');
  readonly #ask = makeButton('Measure', () => this.#show(WARNING, this.#begin, this.#cancel));
  readonly #begin = makeButton('The volume is low', () => this.#measure());
  readonly #cancel = makeButton('Cancel', () => this.#show('', this.#ask));
  readonly #stop = makeButton('Stop', () => this.close());
  /** Ends the measurement that is under way. */
  #ending: AbortController | null = null;

  constructor(readonly monitor: Monitor | null) {
    this.#said.setAttribute('role', 'status');
    this.#progress.setAttribute('aria-label', 'Measuring the round trip');
    this.#ask.disabled = monitor === null;
    this.element.append(this.#said, this.#progress, make('div', 'buttons', this.#ask, this.#begin, this.#cancel, this.#stop));
    this.#show('', this.#ask);
  }

  /** Ends the noise, and lets go of the microphone. */
  close(): void {
    this.#ending?.abort();
  }

  async #measure(): Promise<void> {
    const ending = new AbortController();
    this.#ending = ending;
    this.#show(UNDER_WAY, this.#stop);
    try {
      const { measureRoundTrip } = await import('../round_trip.js');
      const { context } = this.monitor!;
      this.#show(resultText(await measureRoundTrip(context, { volumeIsLow: true, signal: ending.signal })), this.#ask);
    } catch (error) {
      this.#show(ending.signal.aborted ? STOPPED : errorText(error as EngineError), this.#ask);
    } finally {
      this.#ending = null;
    }
  }

  /** What is said and what can be pressed now. Whoever has pressed a button by keys finds the first of the next ones. */
  #show(text: string, ...shown: HTMLElement[]): void {
    const hadFocus = this.element.contains((this.element.getRootNode() as Document | ShadowRoot).activeElement);
    setText(this.#said, text);
    setHidden(this.#progress, !shown.includes(this.#stop));
    for (const button of [this.#ask, this.#begin, this.#cancel, this.#stop]) setHidden(button, !shown.includes(button));
    if (hadFocus) shown[0]!.focus();
  }
}

function resultText({ milliseconds, qualityDecibels, microphone }: RoundTrip): string {
  return `${quantityText(milliseconds, 'milliseconds')} by the microphone \u201c${microphone}\u201d, ${Math.round(qualityDecibels)} dB out of the noise.`;
}

/** A script that does not load has no advice. */
function errorText({ message, advice = '' }: EngineError): string {
  return `${message} ${advice}`.trim();
}
