import type { Engine } from '../engine.js';
import type { SpectrumReader } from '../spectrum_reader.js';
import { PageElement } from '../platform.js';
import type { EngineError } from '../types.js';
import { createError } from '../error_codes.js';
import type { Reading, SpectrumRenderer } from '../render.js';
import { colorOf } from './colors.js';
import { Cursor } from './cursor.js';
import { Drawer } from './drawer.js';
import type { SpectrumStatistics } from './drawer.js';
import { drawGrid } from './grid.js';
import type { Area } from './grid.js';
import { ATTRIBUTES, defineProperties, readSettings } from './settings.js';
import type { SpectrumSettings } from './settings.js';
import { makeParts } from './parts.js';
import { Tap } from './tap.js';
import { readingText, setText } from './text.js';

/** Between two pictures of somebody who wants no motion. */
const CALM_MS = 300;
/** Texts are changed so often at most: the reading under the cursor, and what a screen reader says by itself. */
const READING_MS = 100;
const AGE_MS = 500;
const SUMMARY_MS = 10_000;
/** The first time so long after there was something to be seen. */
const FIRST_SUMMARY_MS = 1000;
/** Frames that a goniometer shows. */
const GONIOMETER_FRAMES = 2048;
/** Share of a picture in the age as it is shown, which is a mean over the last ones. */
const SMOOTHING = 0.1;
/** How fast a shortest interval is forgotten, with each picture. */
const INTERVAL_GROWTH = 1.02;

export interface SpectrumView extends SpectrumSettings {}

/**
 * `<spectrum-view>`: the spectrum of any node, drawn with WebGPU, or with Canvas 2D where there is no adapter. Give it an
 * {@link SpectrumView.engine} and a {@link SpectrumView.source}; everything else has an attribute, see {@link SpectrumSettings}.
 * It draws while it can be seen, and costs nothing else.
 *
 * It dispatches `backendchange` when what draws has changed, and `error` (detail: the {@link EngineError}) when it cannot listen to
 * its source.
 *
 * Colours are the custom properties `--spectrum-low`, `--spectrum-high`, `--spectrum-peak`, `--spectrum-line`,
 * `--spectrum-background`, `--spectrum-grid` and `--spectrum-text`. Keys: the arrows, Page Up, Page Down, Home and End move the
 * cursor, Space stops the picture, Escape takes the cursor away.
 */
export class SpectrumView extends PageElement {
  /** @ignore The browser's. */
  static readonly observedAttributes = ATTRIBUTES;

  readonly #root = this.attachShadow({ mode: 'open' });
  readonly #plot: HTMLElement;
  readonly #grid: SVGSVGElement;
  readonly #ageText: HTMLElement;
  readonly #summary: HTMLElement;
  readonly #cursor: Cursor;
  readonly #drawer: Drawer;

  #engine: Engine | null = null;
  #source: AudioNode | null = null;
  #tap: Tap | null = null;
  #reader: SpectrumReader | null = null;
  #power = new Float32Array(0);
  #samples = new Float32Array(0);
  #settings = readSettings(this);

  /** A tap that was asked for before the last change of source or place is not wanted any more. */
  #tapRound = 0;
  #isOnScreen = false;
  #needsConfiguration = true;
  /** Device pixels of a CSS pixel; it changes with the screen, of which no observer tells. */
  #pixelRatio = devicePixelRatio;
  #request = 0;
  #lastDraw = 0;
  #interval = 1 / 60;
  #age = NaN;
  #shownAge = NaN;
  #lastReading = 0;
  #lastAge = 0;
  #summaryDue = Infinity;

  readonly #resized = new ResizeObserver(() => this.#reconfigure());
  readonly #moved = new IntersectionObserver((entries) => {
    this.#isOnScreen = entries[entries.length - 1]!.isIntersecting;
    this.#schedule();
  });
  readonly #preferences = ['(prefers-color-scheme: dark)', '(prefers-contrast: more)', '(forced-colors: active)', '(prefers-reduced-motion: reduce)']
    .map((query) => matchMedia(query));
  readonly #onPreference = () => this.#reconfigure();
  readonly #onVisibility = () => this.#schedule();

  constructor() {
    super();
    const { style, plot, grid, cursor, reading, age, summary } = makeParts();
    this.#root.append(style, plot, summary);
    // Colours and places are known only now.
    style.onload = () => this.#reconfigure();
    this.#plot = plot;
    this.#grid = grid;
    this.#ageText = age;
    this.#summary = summary;
    this.#drawer = new Drawer({
      plot: this.#plot,
      choice: () => (this.isConnected ? this.renderer : null),
      made: ({ backend, backendReason: reason }) => {
        this.#reconfigure();
        this.dispatchEvent(new CustomEvent('backendchange', { detail: { backend, reason } }));
      },
      failed: (error) => this.#tell(error),
    });
    this.#cursor = new Cursor(plot, cursor, reading);
    this.#plot.addEventListener('pointermove', (event) => {
      this.#cursor.point(event, this.#area);
      this.#showReading();
    });
    this.#plot.addEventListener('pointerleave', () => {
      this.#cursor.leave();
      this.#showReading();
    });
    this.#plot.addEventListener('keydown', (event) => this.#onKey(event));
  }

  /** The engine whose workers compute the spectra. */
  get engine(): Engine | null {
    return this.#engine;
  }

  /** `null` lets go of it. */
  set engine(engine: Engine | null) {
    this.#engine = engine;
    this.#listen();
  }

  /** What is shown: a node of the engine's context, of ours or of the browser. It goes on to sound as before. */
  get source(): AudioNode | null {
    return this.#source;
  }

  /** `null` lets go of it. */
  set source(source: AudioNode | null) {
    this.#source = source;
    this.#listen();
  }

  /** What draws; null before the first picture. */
  get backend(): 'webgpu' | 'canvas' | null {
    return this.#drawer.renderer?.backend ?? null;
  }

  /** Why Canvas 2D draws; empty otherwise. */
  get backendReason(): string {
    return this.#drawer.renderer?.backendReason ?? '';
  }

  /** Maker and kind of the GPU that draws, as far as the browser tells; empty otherwise. */
  get adapter(): string {
    return this.#drawer.adapter;
  }

  /**
   * How old the newest sample of the picture is when it is shown, in seconds: from when the audio thread gave it out to the next
   * repaint of the screen, which is taken to be one interval away. NaN before the first picture.
   */
  get sampleAge(): number {
    return this.#age;
  }

  /** Frame of the context's clock that follows the newest sample of the picture. */
  get endFrame(): number {
    return this.#reader?.endFrame ?? 0;
  }

  /** The strongest tone of the picture, of the upper one where there are two; null when nothing is to be heard. */
  get loudest(): Reading | null {
    const reading = this.#showsSpectrum ? this.#drawer.renderer?.loudest(0) : undefined;
    return reading && reading.levelDecibels > -200 ? reading : null;
  }

  /** Figures since the element was made. */
  get statistics(): Readonly<SpectrumStatistics> {
    return this.#drawer.statistics;
  }

  /** @ignore Called by the browser. */
  connectedCallback(): void {
    this.#adoptProperties();
    this.#moved.observe(this);
    this.#resized.observe(this.#plot);
    document.addEventListener('visibilitychange', this.#onVisibility);
    for (const preference of this.#preferences) preference.addEventListener('change', this.#onPreference);
    this.#listen();
  }

  /** @ignore Called by the browser. */
  disconnectedCallback(): void {
    this.#moved.disconnect();
    this.#resized.disconnect();
    document.removeEventListener('visibilitychange', this.#onVisibility);
    for (const preference of this.#preferences) preference.removeEventListener('change', this.#onPreference);
    this.#isOnScreen = false;
    this.#schedule();
    this.#listen();
    this.#drawer.drop();
  }

  /** @ignore Called by the browser. */
  attributeChangedCallback(name: string): void {
    if (name === 'renderer') this.#drawer.drop();
    this.#reconfigure();
  }

  /** What the page has set before the element was defined hides the properties of the class. */
  #adoptProperties(): void {
    for (const [name, value] of Object.entries(this)) {
      delete this[name as keyof this];
      (this as Record<string, unknown>)[name] = value;
    }
  }

  // Listening.

  /** Has a tap at the source as long as there is something to listen to and somebody to look. */
  async #listen(): Promise<void> {
    this.#tapRound += 1;
    const round = this.#tapRound;
    this.#closeReader();
    this.#tap?.close();
    this.#tap = null;
    const [engine, source] = [this.#engine, this.#source];
    if (!engine || !source || !this.isConnected) return;
    try {
      const tap = await Tap.open(engine, source);
      if (round !== this.#tapRound) {
        tap.close();
        return;
      }
      this.#tap = tap;
      this.#reconfigure();
    } catch (error) {
      if (round === this.#tapRound) this.#tell(error);
    }
  }

  #closeReader(): void {
    this.#reader?.close();
    this.#reader = null;
  }

  #tell(error: unknown): void {
    const known = (error as EngineError).name === 'EngineError' ? error : createError('invalid-argument', (error as Error).message);
    this.dispatchEvent(new CustomEvent('error', { detail: known }));
  }

  // Drawing.

  get #isDrawing(): boolean {
    return this.#isOnScreen && !document.hidden && this.isConnected;
  }

  get #showsSpectrum(): boolean {
    return this.#settings.view !== 'oscilloscope' && this.#settings.view !== 'goniometer';
  }

  #schedule(): void {
    if (this.#isDrawing && this.#request === 0) {
      this.#request = requestAnimationFrame(this.#onFrame);
    } else if (!this.#isDrawing && this.#request !== 0) {
      cancelAnimationFrame(this.#request);
      this.#request = 0;
    }
  }

  readonly #onFrame = (now: number): void => {
    this.#request = 0;
    this.#schedule();
    const renderer = this.#drawer.ready();
    if (!renderer) return;
    if (this.#needsConfiguration || devicePixelRatio !== this.#pixelRatio) this.#configure(renderer);
    const isCalm = this.#preferences[3]!.matches;
    if (this.#settings.paused === 'off' && !(isCalm && now - this.#lastDraw < CALM_MS)) this.#draw(renderer, now, isCalm);
    if (now - this.#lastReading >= READING_MS) this.#showTexts(now);
  };

  #draw(renderer: SpectrumRenderer, now: number, isCalm: boolean): void {
    const began = performance.now();
    // A spectrum that was asked for at the last picture would be old: this asks for another, which the next repaint finds.
    if (!this.#take(renderer) && isCalm) return;
    renderer.draw(now);
    this.#drawer.addTime(performance.now() - began);
    const elapsed = (now - this.#lastDraw) / 1000;
    this.#lastDraw = now;
    // That of the screen is the shortest; longer ones are those of a page that is busy.
    this.#interval = Math.min(elapsed, this.#interval * INTERVAL_GROWTH);
    this.#measureAge();
  }

  /** Hands the newest data to the renderer. Whether there are any. */
  #take(renderer: SpectrumRenderer): boolean {
    if (!this.#reader) return false;
    if (this.#showsSpectrum) {
      const isNew = this.#reader.readPower(this.#power);
      if (isNew) renderer.writePower(this.#power);
      return isNew;
    }
    const isNew = this.#reader.readFrames(this.#samples);
    if (isNew) renderer.writeFrames(this.#samples);
    return isNew;
  }

  #measureAge(): void {
    const { context } = this.#source ?? {};
    if (!context || !this.endFrame) return;
    this.#age = context.currentTime - this.endFrame / context.sampleRate + this.#interval;
    const before = Number.isNaN(this.#shownAge) ? this.#age : this.#shownAge;
    this.#shownAge = before + SMOOTHING * (this.#age - before);
  }

  // Settings.

  #reconfigure(): void {
    this.#needsConfiguration = true;
    this.#schedule();
  }

  #configure(renderer: SpectrumRenderer): void {
    const { source } = this;
    const settings = readSettings(this);
    this.#settings = settings;
    if (!source || !this.#tap) return;
    this.#needsConfiguration = false;
    const { sampleRate } = source.context;
    this.#read(this.#tap, settings, sampleRate);
    this.#pixelRatio = devicePixelRatio;
    const area = this.#area;
    const color = (name: string) => colorOf(this.#plot, `--${name}`);
    const chosen = {
      ...settings,
      sampleRate,
      maximumFrequency: Math.min(settings.maximumFrequency, sampleRate / 2),
      peaks: settings.peaks === 'on',
      windowShape: this.#reader!.windowShape,
      width: Math.round(area.width * this.#pixelRatio),
      height: Math.round(area.height * this.#pixelRatio),
      pixelRatio: this.#pixelRatio,
      colors: { low: color('low'), high: color('high'), peak: color('peak'), line: color('line') },
    };
    try {
      renderer.configure(chosen);
    } catch (error) {
      // Such as a range without extent: the picture stays as it was.
      this.#tell(error);
      return;
    }
    drawGrid(this.#grid, renderer, settings, area, this.#rows);
    this.#lastReading = 0;
  }

  /** Has the reader that the settings need. */
  #read(tap: Tap, settings: SpectrumSettings, sampleRate: number): void {
    const { window } = settings;
    const shown = settings.view === 'oscilloscope' ? settings.shownSeconds * sampleRate : GONIOMETER_FRAMES / 2;
    // As much again for the trigger to look for its place.
    const fftSize = this.#showsSpectrum ? settings.fftSize : 2 ** Math.ceil(Math.log2(Math.min(Math.max(2 * shown, 512), 32768)));
    if (this.#reader?.fftSize !== fftSize || this.#reader.window !== window) {
      this.#closeReader();
      this.#reader = tap.node.createSpectrumReader({ fftSize, window });
      this.#samples = new Float32Array(2 * fftSize);
    }
    const planes = settings.channels === 'mono' ? 1 : 2;
    if (this.#power.length !== planes * this.#reader.binCount) this.#power = new Float32Array(planes * this.#reader.binCount);
    tap.isMidSide = settings.channels === 'mid-side' || (settings.channels === 'mono' && settings.view !== 'goniometer');
  }

  /** Pictures that stand one above the other. */
  get #rows(): number {
    return this.#settings.channels === 'mono' || this.#settings.view === 'goniometer' ? 1 : 2;
  }

  /** Whether frequencies go upwards. */
  get #isUpright(): boolean {
    return this.#settings.view === 'spectrogram';
  }

  /** Where the picture lies in the plot; without extent before the first. */
  get #area(): Area {
    const { offsetLeft: left = 0, offsetTop: top = 0, clientWidth: width = 0, clientHeight: height = 0 } = this.#drawer.canvas ?? {};
    return { left, top, width, height };
  }

  // Reading.

  #onKey(event: KeyboardEvent): void {
    if (event.key === 'Escape') this.#cursor.leave();
    else if (event.key === ' ') this.paused = this.paused === 'on' ? 'off' : 'on';
    else if (!this.#cursor.press(event.key, this.#isUpright)) return;
    event.preventDefault();
    this.#showReading();
  }

  #showReading(): void {
    const { renderer } = this.#drawer;
    const stand = this.#showsSpectrum && this.#reader ? this.#cursor.stand(this.#rows, this.#isUpright) : null;
    this.#cursor.show(stand && renderer && renderer.readingAt(stand.share, stand.row), this.#area, this.#isUpright);
  }

  #showTexts(now: number): void {
    this.#lastReading = now;
    this.#showReading();
    if (now - this.#lastAge >= AGE_MS) {
      this.#lastAge = now;
      this.#ageText.hidden = Number.isNaN(this.#shownAge);
      setText(this.#ageText, `${Math.round(this.#shownAge * 1000)} ms`);
    }
    if (this.endFrame && this.#summaryDue === Infinity) this.#summaryDue = now + FIRST_SUMMARY_MS;
    if (now < this.#summaryDue || this.#settings.paused === 'on') return;
    this.#summaryDue = now + SUMMARY_MS;
    const { loudest } = this;
    if (this.#showsSpectrum) setText(this.#summary, loudest ? `Loudest: ${readingText(loudest)}` : 'Silence');
  }
}

defineProperties(SpectrumView.prototype);
