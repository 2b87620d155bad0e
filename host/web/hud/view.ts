import { findAsset } from '../assets.js';
import type { Engine } from '../engine.js';
import { createError } from '../error_codes.js';
import type { Monitor, MonitorState } from '../monitor.js';
import { PageElement } from '../platform.js';
import { FIGURES } from '../schema.js';
import type { EngineError } from '../types.js';
import { Cost } from './cost.js';
import { make } from './dom.js';
import { Pace } from './pace.js';
import { Panel } from './panel.js';
import { SIZES } from './rows.js';
import type { HudSize } from './rows.js';

/** Between two updates, and between two at which texts change. */
const UPDATE_MS = 100;
const TEXT_MS = 250;
/** For somebody who wants no motion. */
const CALM_MS = 1000;

const THEMES = ['auto', 'light', 'dark'] as const;
type Theme = typeof THEMES[number];

const NOTHING: MonitorState = {
  verdict: 'Nothing is measured yet.', level: 'unknown', since: 0, format: '',
  states: [], workers: [], underruns: [], jobLatencies: [], faults: [],
};

/** What a display has done so far. */
export interface HudStatistics {
  /** How often it was brought up to date. */
  updates: number;
  /** Mean time of the last updates, without the browser's painting; NaN before the first. */
  costMilliseconds: number;
  /** Whether it is being brought up to date: something is attached, and somebody can see it. */
  isRunning: boolean;
}

/**
 * `<latency-hud>`: what can be known of an audio context, in 19 rows, each value measured, estimated, or unavailable here. Give it a
 * {@link LatencyHud.monitor}, or an engine or any `AudioContext` by {@link LatencyHud.attach}. It is brought up to date ten times a second
 * at most while it can be seen, and costs nothing else; a monitor that it has made for a context then looks once a second, and loses
 * nothing.
 *
 * It dispatches `error` (detail: the {@link EngineError}) when a context cannot be watched.
 *
 * Attributes, which are properties too: `size`, `theme`. Colours are the custom properties `--hud-background`, `--hud-text`, `--hud-quiet`,
 * `--hud-rule`, `--hud-accent`, `--hud-good`, `--hud-warning` and `--hud-bad`.
 */
export class LatencyHud extends PageElement {
  /** @ignore The browser's. */
  static readonly observedAttributes = ['size', 'theme'];

  readonly #root = this.attachShadow({ mode: 'open' });
  readonly #values = new Float64Array(FIGURES.length).fill(NaN);
  readonly #cost = new Cost();
  readonly #pace = new Pace((now) => this.#update(now), UPDATE_MS);
  readonly #calm = matchMedia('(prefers-reduced-motion: reduce)');

  #panel: Panel | null = null;
  #monitor: Monitor | null = null;
  /** The monitor, if it was made here, where it must be closed, too. */
  #own: Monitor | null = null;
  /** Ends what the monitor measures for displays that are seen. */
  #unwatch: (() => void) | null = null;
  /** A monitor that was asked for before the last change is not wanted any more. */
  #round = 0;
  #isOnScreen = false;
  #lastText = -Infinity;

  readonly #moved = new IntersectionObserver((entries) => {
    this.#isOnScreen = entries[entries.length - 1]!.isIntersecting;
    this.#schedule();
  });
  readonly #onVisibility = () => this.#schedule();
  readonly #onCalm = () => this.#setPace();

  constructor() {
    super();
    const style = make('link');
    style.rel = 'stylesheet';
    style.href = findAsset('hud/style.css');
    this.#root.append(style);
  }

  /** How much is shown: a line, the main rows, or all rows with their lists. Default `'normal'`. */
  get size(): HudSize {
    return this.#choice('size', SIZES);
  }

  /** Sets the attribute. */
  set size(size: HudSize) {
    this.#choose('size', SIZES, size);
  }

  /** Colours: those of the system's theme, or of one. Default `'auto'`. */
  get theme(): Theme {
    return this.#choice('theme', THEMES);
  }

  /** Sets the attribute. */
  set theme(theme: Theme) {
    this.#choose('theme', THEMES, theme);
  }

  /** What is shown. */
  get monitor(): Monitor | null {
    return this.#monitor;
  }

  /** `null` lets go of what is shown. */
  set monitor(monitor: Monitor | null) {
    this.#round += 1;
    this.#rest();
    this.#own?.close();
    this.#own = null;
    this.#monitor = monitor;
    this.#build();
  }

  /** Figures since the element was made. */
  get statistics(): Readonly<HudStatistics> {
    return { updates: this.#cost.updates, costMilliseconds: this.#cost.milliseconds, isRunning: this.#pace.isRunning };
  }

  /**
   * Shows an engine, a monitor, or any context as the browser made it (see {@link Monitor.attach}). Resolves when it does; what stands
   * against it is told by an `error` event.
   */
  async attach(target: Engine | Monitor | AudioContext): Promise<void> {
    this.#round += 1;
    const round = this.#round;
    try {
      const isForeign = !('readFigures' in target || 'createPlayer' in target);
      const monitor = isForeign ? await watched(target) : monitorOf(target);
      if (round !== this.#round) {
        if (isForeign) monitor.close();
        return;
      }
      this.monitor = monitor;
      if (!isForeign) return;
      this.#own = monitor;
      this.#schedule();
    } catch (error) {
      if (round === this.#round) this.#tell(error);
    }
  }

  /** @ignore Called by the browser. */
  connectedCallback(): void {
    this.#adoptProperties();
    if (!this.#panel) this.#build();
    this.#moved.observe(this);
    document.addEventListener('visibilitychange', this.#onVisibility);
    this.#calm.addEventListener('change', this.#onCalm);
    this.#setPace();
  }

  /** @ignore Called by the browser. */
  disconnectedCallback(): void {
    this.#moved.disconnect();
    document.removeEventListener('visibilitychange', this.#onVisibility);
    this.#calm.removeEventListener('change', this.#onCalm);
    this.#isOnScreen = false;
    this.#schedule();
    // Nobody could stop a noise any more.
    this.#panel?.close();
  }

  /** @ignore Called by the browser. */
  attributeChangedCallback(name: string): void {
    if (name === 'size' && this.#panel && this.#panel.size !== this.size) this.#build();
  }

  /** What the page has set before the element was defined hides the properties of the class. */
  #adoptProperties(): void {
    for (const [name, value] of Object.entries(this)) {
      delete this[name as keyof this];
      (this as Record<string, unknown>)[name] = value;
    }
  }

  /** What is no value of an attribute counts as absent, as in HTML. */
  #choice<W extends string>(name: string, words: readonly W[]): W {
    const text = this.getAttribute(name) as W;
    return words.includes(text) ? text : words[0]!;
  }

  #choose(name: string, words: readonly string[], value: string): void {
    if (!words.includes(value)) {
      throw createError('invalid-argument', `${name} must be ${words.map((word) => `"${word}"`).join(', ')}, not ${String(value)}.`);
    }
    this.setAttribute(name, value);
  }

  #tell(error: unknown): void {
    const known = (error as EngineError).name === 'EngineError' ? error : createError('invalid-argument', (error as Error).message);
    this.dispatchEvent(new CustomEvent('error', { detail: known }));
  }

  /** A panel for this size and monitor, in place of what was shown. */
  #build(): void {
    this.#panel?.close();
    this.#panel?.element.remove();
    this.#panel = new Panel(this.size, this.#monitor, () => this.#reset(), () => { this.#lastText = -Infinity; });
    this.#root.append(this.#panel.element);
    this.#show(performance.now(), this.#monitor?.state() ?? NOTHING);
    this.#schedule();
  }

  #reset(): void {
    this.#monitor?.reset();
    this.#lastText = -Infinity;
  }

  #setPace(): void {
    this.#pace.interval = this.#calm.matches ? CALM_MS : UPDATE_MS;
  }

  #schedule(): void {
    if (!this.#monitor || !this.#isOnScreen || document.hidden || !this.isConnected) {
      this.#rest();
      return;
    }
    this.#own?.setSlow(false);
    this.#unwatch ??= this.#monitor.watch();
    this.#pace.start();
  }

  #rest(): void {
    this.#pace.stop();
    this.#cost.rest();
    this.#unwatch?.();
    this.#unwatch = null;
    this.#own?.setSlow(true);
  }

  #update(now: number): void {
    const began = performance.now();
    const isTextDue = now - this.#lastText >= TEXT_MS;
    this.#show(now, isTextDue ? this.#monitor!.state() : null);
    this.#cost.add(began, performance.now());
  }

  /** Reads first and writes then; texts only with a state. */
  #show(now: number, state: MonitorState | null): void {
    if (this.#monitor) this.#monitor.readFigures(this.#values);
    else this.#values.fill(NaN);
    this.#panel!.draw({ values: this.#values, now });
    if (!state) return;
    this.#lastText = now;
    this.#panel!.write({ values: this.#values, now, state }, this.#cost.text);
  }
}

/** A monitor of a context without an engine. */
async function watched(context: AudioContext): Promise<Monitor> {
  const { Monitor } = await import('../monitor.js').catch((cause) => {
    throw createError('asset-failed', `The script of the monitor did not load: ${String(cause)}.`);
  });
  return Monitor.attach(context);
}

/** The monitor of an engine, or the one that it is already. */
function monitorOf(target: Engine | Monitor): Monitor {
  if ('readFigures' in target) return target;
  const { monitor } = target;
  if (!monitor) throw createError('invalid-argument', 'This engine has no monitor: its context is an offline one, where nothing can be late.');
  return monitor;
}
