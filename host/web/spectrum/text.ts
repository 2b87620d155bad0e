// Numbers of a picture as text.
import type { Reading } from '../render.js';

const MINUS = '\u2212';

const fixed = (value: number, digits: number) => value.toFixed(digits).replace('-', MINUS);

/** `20`, `1k`, `1.5k`: a label of the axis of frequencies. */
export function frequencyLabel(hertz: number): string {
  return hertz >= 1000 ? `${hertz / 1000}k` : String(hertz);
}

/** `−30`: a label of the axis of levels. */
export function levelLabel(decibels: number): string {
  return fixed(decibels, 0);
}

/** `5 ms`, `−0.5 s`. */
export function timeText(seconds: number): string {
  const isShort = Math.abs(seconds) < 1;
  const value = isShort ? seconds * 1000 : seconds;
  return `${fixed(value, Number.isInteger(Math.round(value * 1e6) / 1e6) ? 0 : 1)} ${isShort ? 'ms' : 's'}`;
}

/** `440.0 Hz`, `12.50 kHz`. */
export function frequencyText(hertz: number): string {
  return hertz >= 1000 ? `${fixed(hertz / 1000, hertz >= 10000 ? 2 : 3)} kHz` : `${fixed(hertz, 1)} Hz`;
}

/** Frequency, note and level, as in `440.0 Hz · A4 +0 ¢ · −12.0 dB`. */
export function readingText({ frequencyHz, note, levelDecibels }: Reading): string {
  const level = levelDecibels > -200 ? `${fixed(levelDecibels, 1)} dB` : 'silence';
  return [frequencyText(frequencyHz), note, level].filter(Boolean).join(' · ');
}

/** Sets the text of an element. Leaves the document alone where it is there already. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
