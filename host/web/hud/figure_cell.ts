// One figure: its label, its number, its unit, and how it is known.
import type { Figure, FigureName } from '../schema.js';
import { make, setAttribute, setHidden, setText } from './dom.js';
import { valueOf } from './reading.js';
import type { Part, Values } from './reading.js';
import { quantity, UNAVAILABLE } from './text.js';

/** Of these nothing is known until something has happened: they are to be had here where another figure is known. */
const WITNESSES: { readonly [name in FigureName]?: FigureName } = {
  lastGapMilliseconds: 'gaps',
  worstGapMilliseconds: 'gaps',
  ringLowMilliseconds: 'ringMilliseconds',
  jobP50Milliseconds: 'jobsLate',
  jobP95Milliseconds: 'jobsLate',
  jobP99Milliseconds: 'jobsLate',
  jobMaxMilliseconds: 'jobsLate',
  driftPpm: 'clockSteps',
  lastClockStepMilliseconds: 'clockSteps',
  worstRecoveryMilliseconds: 'faults',
};
/** It is measured when somebody asks for it. */
const ON_REQUEST: FigureName = 'roundTripMilliseconds';

/** What is said of a figure that is not known, or of something that is no figure. */
export function unknownText(name: FigureName | undefined, values: Values): string {
  const witness = name && WITNESSES[name];
  if (witness && Number.isFinite(valueOf(values, witness))) return 'not yet';
  return name === ON_REQUEST ? 'not measured' : UNAVAILABLE;
}

export class FigureCell implements Part {
  readonly element: HTMLElement;
  readonly #value = make('dd');
  readonly #mark = make('span', 'mark');
  readonly #number = make('span', 'number');
  readonly #unit = make('span', 'unit');
  #shown = NaN;

  constructor(readonly figure: Figure, label = figure.label) {
    const isEstimate = figure.quality === 'estimated';
    const sign = make('span', 'sign', isEstimate ? '\u2248' : '');
    sign.setAttribute('aria-hidden', 'true');
    this.#mark.append(sign, make('span', 'spoken', `${figure.quality} `));
    this.#value.append(this.#mark, this.#number, ' ', this.#unit);
    this.element = make('div', 'figure', make('dt', '', label), this.#value);
    this.element.dataset['figure'] = figure.name;
  }

  write(values: Values): void {
    const value = valueOf(values, this.figure.name);
    const isKnown = Number.isFinite(value);
    if (isKnown && value === this.#shown) return;
    this.#shown = value;
    const { number, unit } = isKnown ? quantity(value, this.figure) : { number: unknownText(this.figure.name, values), unit: '' };
    setText(this.#number, number);
    setText(this.#unit, unit);
    setHidden(this.#mark, !isKnown);
    setAttribute(this.element, 'data-quality', isKnown ? this.figure.quality : 'unavailable');
    setAttribute(this.#value, 'title', isKnown ? this.figure.quality : '');
  }
}
