// Who draws a view: a canvas and its renderer, made when they are needed, and made again when the graphics device is lost.
import { createError } from '../error_codes.js';
import type { SpectrumRenderer } from '../render.js';
import { loadRenderer } from './loading.js';

/** Devices that may be lost within a minute; then it is Canvas 2D for good. */
const LOSSES = 3;
const MINUTE_MS = 60_000;
/** A device rests so long before it is given back: Firefox repaints nothing any more when one goes whose picture is being shown. */
const REST_MS = 500;
/** Share of a picture in the mean time of the last ones. */
const SMOOTHING = 0.1;

/** What a view has done so far. */
export interface SpectrumStatistics {
  /** Pictures drawn. */
  frames: number;
  /** Of those, how many were smoothed by the CPU: none with WebGPU. */
  framesOnCpu: number;
  /** Graphics devices that were lost. */
  lostDevices: number;
  /** Mean time of the last pictures on the main thread; NaN before the first. */
  cpuMilliseconds: number;
  /** Mean time of the last pictures on the GPU; NaN before the first, with Canvas 2D, and where the adapter has no timestamps. */
  gpuMilliseconds: number;
}

/** Whom a drawer works for. */
export interface Client {
  /** Where the canvas goes, as its first child. */
  readonly plot: HTMLElement;
  /** What shall draw; null when nobody looks any more. */
  choice(): 'auto' | 'canvas' | null;
  /** There is a new renderer, with nothing told to it yet. */
  made(renderer: SpectrumRenderer): void;
  failed(error: unknown): void;
}

export class Drawer {
  #renderer: SpectrumRenderer | null = null;
  #canvas: HTMLCanvasElement | null = null;
  #isMaking = false;
  #hasFailed = false;
  #losses: number[] = [];
  /** Of renderers that are no more. */
  #past = { frames: 0, framesOnCpu: 0, lostDevices: 0 };
  #cpuMilliseconds = NaN;
  #adapter = '';

  constructor(readonly client: Client) {}

  /** The renderer that there is; null before the first. */
  get renderer(): SpectrumRenderer | null {
    return this.#renderer;
  }

  /** The canvas, on which the picture stays until another renderer has drawn; null before the first. */
  get canvas(): HTMLCanvasElement | null {
    return this.#canvas;
  }

  /** Whose GPU draws, as far as the browser tells; empty with Canvas 2D. */
  get adapter(): string {
    return this.#renderer?.backend === 'webgpu' ? this.#adapter : '';
  }

  get statistics(): SpectrumStatistics {
    const { frames, framesOnCpu, lostDevices } = this.#past;
    return {
      frames: frames + (this.#renderer?.framesDrawn ?? 0),
      framesOnCpu: framesOnCpu + (this.#renderer?.twinFrames ?? 0),
      lostDevices,
      cpuMilliseconds: this.#cpuMilliseconds,
      gpuMilliseconds: this.#renderer?.gpuMilliseconds ?? NaN,
    };
  }

  /** A renderer to draw with now; null while one is being made. */
  ready(): SpectrumRenderer | null {
    if (this.#renderer?.lost) this.#lose();
    if (!this.#renderer) this.#make();
    return this.#renderer;
  }

  /** A picture has taken so long on the main thread. */
  addTime(milliseconds: number): void {
    const before = Number.isNaN(this.#cpuMilliseconds) ? milliseconds : this.#cpuMilliseconds;
    this.#cpuMilliseconds = before + SMOOTHING * (milliseconds - before);
  }

  /** Lets go of the renderer; the next picture has another one. */
  drop(): void {
    this.#hasFailed = false;
    const renderer = this.#renderer;
    if (!renderer) return;
    this.#past = this.statistics;
    this.#renderer = null;
    setTimeout(() => renderer.free(), REST_MS);
  }

  #lose(): void {
    const now = performance.now();
    this.#losses = [...this.#losses.filter((time) => now - time < MINUTE_MS), now];
    this.drop();
    this.#past.lostDevices += 1;
  }

  async #make(): Promise<void> {
    if (this.#isMaking || this.#hasFailed) return;
    this.#isMaking = true;
    const choice = this.client.choice();
    // A canvas that has had a context cannot have another kind.
    const canvas = document.createElement('canvas');
    canvas.className = 'picture';
    canvas.setAttribute('part', 'picture');
    canvas.setAttribute('aria-hidden', 'true');
    try {
      const SpectrumRenderer = await loadRenderer();
      const renderer = await SpectrumRenderer.create(canvas, choice === 'auto' && this.#losses.length < LOSSES);
      if (renderer.backend === 'webgpu') this.#adapter = await adapterName();
      if (this.client.choice() !== choice) {
        renderer.free();
        return;
      }
      this.#canvas?.remove();
      this.#canvas = canvas;
      this.client.plot.prepend(canvas);
      this.#renderer = renderer;
      this.client.made(renderer);
    } catch (error) {
      this.#hasFailed = true;
      this.client.failed(createError('asset-failed', `The picture cannot be drawn: ${String(error)}.`));
    } finally {
      this.#isMaking = false;
    }
  }
}

/** The default adapter's maker and kind, which wgpu does not pass on. */
async function adapterName(): Promise<string> {
  const info = (await navigator.gpu?.requestAdapter().catch(() => null))?.info;
  return [info?.vendor, info?.architecture].filter(Boolean).join(' ');
}
