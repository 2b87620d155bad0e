// When the display is brought up to date.

/** Calls `update` at the beginning of a repaint while it runs, and waits `interval` milliseconds between two calls at least. */
export class Pace {
  #timer: ReturnType<typeof setTimeout> | 0 = 0;
  #frame = 0;
  #last = -Infinity;

  constructor(readonly update: (now: number) => void, public interval: number) {}

  get isRunning(): boolean {
    return this.#timer !== 0 || this.#frame !== 0;
  }

  start(): void {
    if (!this.isRunning) this.#wait(Math.max(this.#last + this.interval - performance.now(), 0));
  }

  stop(): void {
    clearTimeout(this.#timer);
    cancelAnimationFrame(this.#frame);
    this.#timer = 0;
    this.#frame = 0;
  }

  #wait(milliseconds: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = 0;
      this.#frame = requestAnimationFrame(this.#onFrame);
    }, milliseconds);
  }

  readonly #onFrame = (now: number): void => {
    this.#frame = 0;
    this.#last = performance.now();
    this.#wait(this.interval);
    this.update(now);
  };
}
