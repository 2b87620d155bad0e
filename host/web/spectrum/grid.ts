// Lines and labels of the axes, as SVG over the picture.
import type { SpectrumRenderer } from '../render.js';
import type { SpectrumSettings } from './settings.js';
import { frequencyLabel, levelLabel, timeText } from './text.js';

/** Pixels between two labels, at least: as much as the longest of them needs. */
const LABEL_WIDTH = 40;
const LABEL_HEIGHT = 26;
/** Parts of an oscilloscope's width. */
const DIVISIONS = 10;

/** The part of the plot that the picture covers, in CSS pixels. */
export interface Area {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** A mark of an axis: its share from the left or from below, and its label. */
type Mark = [share: number, label: string];

/** Draws the axes of a picture anew. `rows` is how many stand one above the other. */
export function drawGrid(svg: SVGSVGElement, renderer: SpectrumRenderer, settings: SpectrumSettings, area: Area, rows: number): void {
  svg.replaceChildren();
  if (area.width < LABEL_WIDTH || area.height < LABEL_HEIGHT) return;
  const { view } = settings;
  if (view === 'goniometer') {
    drawDiagonals(svg, area);
    return;
  }
  const across = view === 'oscilloscope' ? timeMarks(settings.shownSeconds)
    : view === 'spectrogram' ? pastMarks(area.width, settings.columnsPerSecond)
      : frequencyMarks(renderer, LABEL_WIDTH);
  const upwards = view === 'oscilloscope' ? AMPLITUDES
    : view === 'spectrogram' ? frequencyMarks(renderer, LABEL_HEIGHT)
      : marks(renderer.levelTicks(LABEL_HEIGHT), levelLabel);
  const right = area.left + area.width;
  const bottom = area.top + area.height;
  let lastX = -Infinity;
  for (const [share, label] of across) {
    const x = area.left + share * area.width;
    line(svg, x, area.top, x, bottom);
    if (Math.abs(x - lastX) < LABEL_WIDTH) continue;
    lastX = x;
    // At the ends they stay inside.
    const place = share < 0.01 ? 'below first' : share > 0.99 ? 'below last' : 'below';
    text(svg, x, bottom + 4, label, place);
  }
  const rowHeight = area.height / rows;
  for (let row = 0; row < rows; row += 1) {
    const base = area.top + (row + 1) * rowHeight;
    for (const [share, label] of upwards) {
      const y = base - share * rowHeight;
      line(svg, area.left, y, right, y);
      // The lowest label of a row would stand in the highest of the next.
      if (row === rows - 1 || share * rowHeight >= LABEL_HEIGHT / 2) text(svg, area.left - 6, y, label, 'beside');
    }
    if (row > 0) line(svg, area.left, base - rowHeight, right, base - rowHeight, 'border');
    const name = rowName(settings, row);
    if (name) text(svg, right - 8, base - 10, name, 'row');
  }
}

const AMPLITUDES: Mark[] = [[0, '\u22121'], [0.25, ''], [0.5, '0'], [0.75, ''], [1, '1']];

function marks(ticks: Float64Array, label: (value: number) => string): Mark[] {
  return Array.from({ length: ticks.length / 2 }, (_, index) => [ticks[2 * index]!, label(ticks[2 * index + 1]!)]);
}

function frequencyMarks(renderer: SpectrumRenderer, spacing: number): Mark[] {
  return marks(renderer.frequencyTicks(spacing), frequencyLabel);
}

function timeMarks(seconds: number): Mark[] {
  return Array.from({ length: DIVISIONS + 1 }, (_, index) => [index / DIVISIONS, timeText(seconds * index / DIVISIONS)]);
}

/** Seconds before now, at the right; a column is a pixel wide. */
function pastMarks(width: number, columnsPerSecond: number): Mark[] {
  const seconds = width / columnsPerSecond;
  const step = [1, 2, 5, 10, 20, 30, 60, 120, 300].find((candidate) => candidate / seconds * width >= 1.5 * LABEL_WIDTH) ?? 600;
  return Array.from({ length: Math.floor(seconds / step) + 1 }, (_, index) => [1 - index * step / seconds, index === 0 ? 'now' : timeText(-index * step)]);
}

function rowName({ channels }: SpectrumSettings, row: number): string {
  if (channels === 'left-right') return row === 0 ? 'L' : 'R';
  if (channels === 'mid-side') return row === 0 ? 'M' : 'S';
  return '';
}

function drawDiagonals(svg: SVGSVGElement, { left, top, width, height }: Area): void {
  const [x, y, radius] = [left + width / 2, top + height / 2, Math.min(width, height) / 2];
  const reach = radius / 2;
  line(svg, x, y - radius, x, y + radius);
  line(svg, x - radius, y, x + radius, y);
  line(svg, x - reach, y - reach, x + reach, y + reach);
  line(svg, x - reach, y + reach, x + reach, y - reach);
  text(svg, x - reach - 10, y - reach, 'L', 'middle');
  text(svg, x + reach + 10, y - reach, 'R', 'middle');
  text(svg, x + 12, y - radius + 12, 'M', 'middle');
  text(svg, x - radius + 12, y - 12, 'S', 'middle');
}

function element(svg: SVGSVGElement, name: string, attributes: Record<string, string | number>): SVGElement {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, String(value));
  svg.append(made);
  return made;
}

function line(svg: SVGSVGElement, x1: number, y1: number, x2: number, y2: number, kind = 'grid'): void {
  // In the middle of a pixel a line is one pixel wide and sharp.
  const [a, b, c, d] = [x1, y1, x2, y2].map((value) => Math.round(value) + 0.5);
  element(svg, 'line', { x1: a!, y1: b!, x2: c!, y2: d!, class: kind });
}

function text(svg: SVGSVGElement, x: number, y: number, label: string, place: string): void {
  element(svg, 'text', { x: Math.round(x), y: Math.round(y), class: place }).textContent = label;
}
