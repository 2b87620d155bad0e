import type { SpectrumReaderHost } from './host.js';
import type { SpectrumWindow } from './types.js';

/**
 * Reads what an analyser of a node keeps: power spectra, computed by a worker, and the newest frames themselves. The planes are left
 * and right, or, while the analyser's parameter `midSide` is 1, half the sum and half the difference of the two.
 *
 * It is pulled, usually once in each animation frame, and never waits: what it reads is copied into arrays of the caller's, so that a
 * picture makes no garbage. Several readers may read one analyser, each with a size and a window of its own. When the engine is
 * replaced after a fault, a reader goes on with its node; when its node or the engine is disposed of, there is nothing new any more.
 */
export class SpectrumReader {
  /** Samples of the transform: bin k is at k · sampleRate / fftSize Hz. */
  readonly fftSize: number;
  /** The window that the samples are multiplied with. */
  readonly window: SpectrumWindow;
  /** Bins of each plane: fftSize / 2 + 1. */
  readonly binCount: number;
  /**
   * The window's value, 1 in its middle, at 256 evenly spaced points of its length, for whoever needs its noise bandwidth or the shape
   * of its main lobe.
   */
  readonly windowShape: Float32Array;
  readonly #host: SpectrumReaderHost;

  /** @internal Use {@link EngineNode.createSpectrumReader}. */
  constructor(host: SpectrumReaderHost, fftSize: number, window: SpectrumWindow) {
    this.#host = host;
    this.fftSize = fftSize;
    this.window = window;
    this.binCount = host.binCount;
    this.windowShape = host.windowShape;
  }

  /**
   * Copies the spectrum that was asked for at the last call into `target` and has a worker compute the newest one for the next call:
   * linear power, `binCount` bins of plane 0, then as many of plane 1, unless there is room for plane 0 alone. A sine of amplitude 1 at a bin's frequency has power 1 in that
   * bin (0 dB); between two bins it reads as much less as the window says.
   *
   * Returns whether there was another than at the last call that returned true; if not, `target` is left as it is. It is so while a
   * worker still computes, and while the context stands still. A spectrum that is not fetched for a quarter of a second is forgotten.
   *
   * @throws {EngineError} `invalid-argument` when `target` has neither binCount nor 2 · binCount samples.
   */
  readPower(target: Float32Array): boolean {
    return this.#host.readPower(target);
  }

  /**
   * Copies the newest frames into `target`: half of its length of plane 0, then as many of plane 1, at most {@link fftSize} of each.
   * In solo mode they are those that were the newest at the call before.
   *
   * Returns whether they are newer than at the last call that returned true; if not, `target` is left as it is.
   *
   * @throws {EngineError} `invalid-argument` when the length of `target` is odd, 0 or more than 2 · fftSize.
   */
  readFrames(target: Float32Array): boolean {
    return this.#host.readFrames(target);
  }

  /**
   * Frame of the context's clock that follows the newest frame of what was last read: that frame sounds at
   * (endFrame − 1) / sampleRate of `context.currentTime`. 0 before anything was read.
   */
  get endFrame(): number {
    return this.#host.endFrame;
  }

  /** Lets go of what it has asked for; from then on nothing is read. Calling it again does nothing. */
  close(): void {
    this.#host.close();
  }
}
