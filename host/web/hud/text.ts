// Numbers and times as text, the same in every locale.
import type { Figure } from '../schema.js';

/** What is said of a figure that is not known. */
export const UNAVAILABLE = 'unavailable here';

const MINUS = '\u2212';
/** A thin space that does not break, between thousands. */
const THIN = '\u202f';
const SECOND_MS = 1000;
const MINUTE_S = 60;
const HOUR_S = 3600;

/** A number and its unit. */
export interface Quantity {
  number: string;
  /** Empty for what is counted. */
  unit: string;
}

function grouped(digits: string): string {
  const [whole, ...rest] = digits.split('.');
  return [whole!.replace(/\B(?=(\d{3})+$)/g, THIN), ...rest].join('.');
}

/** A number of so many decimals. What is not quite 0 is not said to be. */
function decimal(value: number, decimals: number): string {
  const size = Math.abs(value);
  const step = 10 ** -decimals;
  const sign = value < 0 ? MINUS : '';
  if (size === 0) return '0';
  if (size < step / 2) return value < 0 ? `>${MINUS}${step}` : `<${step}`;
  return sign + grouped(size.toFixed(decimals));
}

/** Decimals that leave two or three digits; of what is coarse one less. */
function decimals(value: number, isCoarse: boolean): number {
  const size = Math.abs(value);
  return Math.max((size < 9.995 ? 2 : size < 99.95 ? 1 : 0) - (isCoarse ? 1 : 0), 0);
}

/** A figure as a number and a unit. It must be known. */
export function quantity(value: number, { unit, quality }: Pick<Figure, 'unit' | 'quality'>): Quantity {
  const isEstimate = quality === 'estimated';
  const measure = (amount: number, name: string) => ({ number: decimal(amount, decimals(amount, isEstimate)), unit: name });
  switch (unit) {
    case 'count': return { number: decimal(value, 0), unit: '' };
    case 'frames': return { number: decimal(value, 0), unit: value === 1 ? 'frame' : 'frames' };
    case 'share': {
      const percent = 100 * value;
      return { number: decimal(percent, decimals(percent, isEstimate || percent >= 0.995)), unit: '%' };
    }
    case 'partsPerMillion': {
      const { number, unit: name } = measure(value, 'ppm');
      return { number: value > 0 ? `+${number}` : number, unit: name };
    }
    case 'bytes': return Math.abs(value) < 1e6 ? measure(value / 1e3, 'kB') : measure(value / 1e6, 'MB');
    case 'milliseconds': return Math.abs(value) < 10 * SECOND_MS ? measure(value, 'ms') : measure(value / SECOND_MS, 's');
  }
}

/** A number and its unit in one text, such as `0.42 ms`. */
export function quantityText(value: number, unit: Figure['unit'], quality: Figure['quality'] = 'measured'): string {
  if (!Number.isFinite(value)) return UNAVAILABLE;
  const { number, unit: name } = quantity(value, { unit, quality });
  return name ? `${number} ${name}` : number;
}

/** `1 frame`, `128 frames`. */
export function countText(count: number, one: string, many = `${one}s`): string {
  return `${decimal(count, 0)} ${count === 1 ? one : many}`;
}

/** Hours, minutes and seconds of a day, of milliseconds since 1970. */
export function clockText(at: number): string {
  const date = new Date(at);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}

/** `14 s`, `12 min`, `2 h 5 min`. */
export function durationText(milliseconds: number): string {
  const seconds = Math.max(Math.floor(milliseconds / SECOND_MS), 0);
  if (seconds < MINUTE_S) return `${seconds} s`;
  const minutes = Math.floor(seconds / MINUTE_S) % MINUTE_S;
  if (seconds < HOUR_S) return `${minutes} min`;
  return `${Math.floor(seconds / HOUR_S)} h ${minutes} min`;
}

/** What a script calls `workerLate`, as words. */
export function words(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
