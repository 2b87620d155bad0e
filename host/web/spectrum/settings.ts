// What a view can be told: attributes, properties and their defaults, in one table.
import { createError } from '../error_codes.js';
import type { RenderSettings } from '../render.js';
import type { SpectrumWindow } from '../types.js';

/** Settings of a {@link SpectrumView}: each is a property, and an attribute in kebab case (`fft-size`). */
export interface SpectrumSettings {
  /** What is drawn. Default `'bars'`. */
  view: RenderSettings['view'];
  /**
   * What of the sound: half the sum of left and right, the two one above the other, or half their sum above half their difference.
   * A goniometer always takes left and right. Default `'mono'`.
   */
  channels: RenderSettings['channels'];
  /** Samples of the transform, a power of two from 512 to 32768. Default 8192. */
  fftSize: number;
  /** Its window. Default `'hann'`. */
  window: SpectrumWindow;
  /** How frequencies are spread over the axis. Default `'logarithmic'`. */
  scale: RenderSettings['scale'];
  /** Where the axis begins, in Hz. Default 20. */
  minimumFrequency: number;
  /** Where it ends, in Hz; at most half the sample rate is shown. Default 20000. */
  maximumFrequency: number;
  /** Bars of an octave, 1 to 24. Default 6. */
  bandsPerOctave: number;
  /** Weighting of a sound level meter (IEC 61672-1). Default `'none'`. */
  weighting: RenderSettings['weighting'];
  /** Level of the lower edge in dBFS; a sine of amplitude 1 is at 0. Default −90. */
  minimumDecibels: number;
  /** Level of the upper edge in dBFS. Default 0. */
  maximumDecibels: number;
  /** Time constant of rising powers in seconds. Default 0.01. */
  attackSeconds: number;
  /** Time constant of falling powers in seconds. Default 0.15, which falls by 29 dB in a second. */
  releaseSeconds: number;
  /** Whether peaks are held. Default `'on'`. */
  peaks: 'on' | 'off';
  /** How long, in seconds. Default 1. */
  holdSeconds: number;
  /** How fast they fall then. Default 20. */
  fallDecibelsPerSecond: number;
  /** How fast the spectrogram goes, 1 to 240. Default 60. */
  columnsPerSecond: number;
  /** What the oscilloscope's width is, in seconds, 0.001 to 0.3. Default 0.02. */
  shownSeconds: number;
  /** Colours: those of the system's theme, or of one. Default `'auto'`. */
  theme: 'auto' | 'light' | 'dark';
  /** What draws: WebGPU where there is an adapter, or Canvas 2D all the same. Default `'auto'`. */
  renderer: 'auto' | 'canvas';
  /** Whether the picture stands still. Default `'off'`. */
  paused: 'on' | 'off';
}

type Name = keyof SpectrumSettings;

/** One of these words; the first is the default. */
interface Choice { readonly words: readonly string[] }
/** A number from a least to a greatest one. */
interface Range { readonly initial: number; readonly least: number; readonly most: number; readonly powerOfTwo?: true; readonly whole?: true }

const TABLE: { readonly [name in Name]: Choice | Range } = {
  view: { words: ['bars', 'line', 'area', 'spectrogram', 'oscilloscope', 'goniometer'] },
  channels: { words: ['mono', 'left-right', 'mid-side'] },
  fftSize: { initial: 8192, least: 512, most: 32768, powerOfTwo: true },
  window: { words: ['hann', 'hamming', 'blackman-harris', 'flat-top'] },
  scale: { words: ['logarithmic', 'linear', 'mel', 'bark'] },
  minimumFrequency: { initial: 20, least: 1, most: 96000 },
  maximumFrequency: { initial: 20000, least: 2, most: 384000 },
  bandsPerOctave: { initial: 6, least: 1, most: 24, whole: true },
  weighting: { words: ['none', 'A', 'C'] },
  minimumDecibels: { initial: -90, least: -200, most: 0 },
  maximumDecibels: { initial: 0, least: -190, most: 40 },
  attackSeconds: { initial: 0.01, least: 0, most: 10 },
  releaseSeconds: { initial: 0.15, least: 0, most: 60 },
  peaks: { words: ['on', 'off'] },
  holdSeconds: { initial: 1, least: 0, most: 3600 },
  fallDecibelsPerSecond: { initial: 20, least: 0, most: 1000 },
  columnsPerSecond: { initial: 60, least: 1, most: 240 },
  shownSeconds: { initial: 0.02, least: 0.001, most: 0.3 },
  theme: { words: ['auto', 'light', 'dark'] },
  renderer: { words: ['auto', 'canvas'] },
  paused: { words: ['off', 'on'] },
};

const NAMES = Object.keys(TABLE) as Name[];

const attributeOf = (name: Name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** The attributes of all settings. */
export const ATTRIBUTES: readonly string[] = NAMES.map(attributeOf);

function isValid(entry: Choice | Range, value: unknown): boolean {
  if ('words' in entry) return entry.words.includes(value as string);
  const { least, most, powerOfTwo, whole } = entry;
  const number = value as number;
  if (typeof value !== 'number' || !(number >= least && number <= most)) return false;
  return !(powerOfTwo && !Number.isInteger(Math.log2(number))) && !(whole && !Number.isInteger(number));
}

function wanted(entry: Choice | Range): string {
  if ('words' in entry) return entry.words.map((word) => `"${word}"`).join(', ');
  const kind = entry.powerOfTwo ? 'a power of two from ' : entry.whole ? 'a whole number from ' : '';
  return `${kind}${entry.least} to ${entry.most}`;
}

/** A setting as the attributes of `element` have it. What is no value of an attribute counts as absent, as in HTML. */
function read(element: Element, name: Name): string | number {
  const entry = TABLE[name];
  const text = element.getAttribute(attributeOf(name));
  const value = 'words' in entry ? text : text?.trim() ? Number(text) : NaN;
  if (isValid(entry, value)) return value as string | number;
  return 'words' in entry ? entry.words[0]! : entry.initial;
}

/** All settings as the attributes of `element` have them. */
export function readSettings(element: Element): SpectrumSettings {
  return Object.fromEntries(NAMES.map((name) => [name, read(element, name)])) as unknown as SpectrumSettings;
}

/** Gives the elements of a class the properties that go with the attributes. */
export function defineProperties(prototype: Element): void {
  for (const name of NAMES) {
    Object.defineProperty(prototype, name, {
      configurable: true,
      enumerable: true,
      get(this: Element) {
        return read(this, name);
      },
      set(this: Element, value: unknown) {
        if (!isValid(TABLE[name], value)) throw createError('invalid-argument', `${name} must be ${wanted(TABLE[name])}, not ${String(value)}.`);
        this.setAttribute(attributeOf(name), String(value));
      },
    });
  }
}
