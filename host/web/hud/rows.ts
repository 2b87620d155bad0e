// What the rows have besides their figures, and which of them each size shows. Order, labels, units and qualities are the table's.
import type { Monitor } from '../monitor.js';
import { FIGURES, ROWS } from '../schema.js';
import type { Figure, Row, RowName } from '../schema.js';
import { FillBar, StackedBar } from './bars.js';
import { contextStates, faults, underruns, workers } from './entries.js';
import { Histogram } from './histogram.js';
import { FormatLine, PictureLine } from './lines.js';
import { List } from './list.js';
import { Measurement } from './measurement.js';
import { valueOf } from './reading.js';
import type { Part, Values } from './reading.js';
import { Sparkline } from './sparkline.js';

/** How much of it is shown. */
export type HudSize = 'compact' | 'normal' | 'full';

export const SIZES: readonly HudSize[] = ['normal', 'compact', 'full'];

/** Rows of the smaller sizes, after the verdict. */
const COMPACT: readonly RowName[] = ['deviceUnderruns', 'callbackGaps', 'starvation', 'audioLoad', 'latency'];
const NORMAL: readonly RowName[] = [...COMPACT, 'ringFill', 'jobLatency', 'mainThread'];

/** Sections of the full size: each begins with this row. */
export const SECTIONS: { readonly [name in RowName]?: string } = {
  deviceUnderruns: 'Underruns',
  ringFill: 'Buffers and jobs',
  audioLoad: 'Load',
  latency: 'Time',
  format: 'Surroundings',
  numericHealth: 'Repairs',
};

/** Rows that are the head and the foot of the display. */
const FRAME: readonly RowName[] = ['verdict', 'report'];

/** The rows of a size, in the table's order. */
export function rowsOf(size: HudSize): readonly Row[] {
  const shown = { compact: COMPACT, normal: NORMAL, full: ROWS.map(({ name }) => name) }[size];
  return ROWS.filter(({ name }) => shown.includes(name) && !FRAME.includes(name));
}

/** The figures of a row. */
export function figuresOf(row: RowName): readonly Figure[] {
  return FIGURES.filter((figure) => figure.row === row);
}

/** What the upper edges of sparklines stand for at least: a whole quantum, and a gap and a picture that anybody notices. */
const WHOLE = () => 1;
const SHOWN_GAP_MS = 50;
const SHOWN_FRAME_MS = 50;

/** The gap that has come since the last look; 0 if none has. */
function newGaps(): (values: Values) => number {
  let before = NaN;
  return (values) => {
    const gaps = valueOf(values, 'gaps');
    const isNew = gaps > before;
    before = gaps;
    return Number.isNaN(gaps) ? NaN : isNew ? valueOf(values, 'lastGapMilliseconds') : 0;
  };
}

/** What a row draws, beside its figures. */
export const GRAPHICS: { readonly [name in RowName]?: () => Part[] } = {
  callbackGaps: () => [new Sparkline(newGaps(), () => SHOWN_GAP_MS)],
  ringFill: () => [
    new FillBar(),
    new Sparkline((values) => valueOf(values, 'ringMilliseconds'), (values) => valueOf(values, 'ringCapacityMilliseconds')),
  ],
  jobLatency: () => [new Histogram()],
  audioLoad: () => [new Sparkline((values) => valueOf(values, 'load'), WHOLE)],
  mainThread: () => [new Sparkline((values) => valueOf(values, 'frameP95Milliseconds'), () => SHOWN_FRAME_MS)],
  latency: () => [new StackedBar()],
};

/** What a row can be asked for, in the full size. */
export const ACTIONS: { readonly [name in RowName]?: (monitor: Monitor | null) => Part } = {
  roundTrip: (monitor) => new Measurement(monitor),
};

/** What a row says, under its figures, in the full size. */
export const WORDS: { readonly [name in RowName]?: () => Part[] } = {
  deviceUnderruns: () => [new List('Device underruns', underruns('device'), true)],
  callbackGaps: () => [new List('Callback gaps', underruns('gap'), true)],
  starvation: () => [new List('Starvations', underruns('starvation'), true)],
  jobLatency: () => [new List('Late jobs', underruns('jobs'), true)],
  workers: () => [new List('Workers', workers(), false)],
  format: () => [new FormatLine()],
  contextState: () => [new List('States of the context', contextStates, true)],
  gpu: () => [new PictureLine()],
  faults: () => [new List('Faults', faults, true)],
};
