import type { NodeHost } from './host.js';
import { createError } from './error_codes.js';
import type { EngineNodeEventMap } from './events.js';
import { SpectrumReader } from './spectrum_reader.js';
import { WorkletNode } from './platform.js';
import type { NodeConstructor } from './platform.js';
import type { EffectEntry, NodeTelemetry, Preset, ResponseOptions, SpectrumReaderOptions } from './types.js';

export interface EngineNode {
  /** @ignore The browser's. */
  addEventListener<K extends keyof EngineNodeEventMap>(type: K, listener: (this: EngineNode, event: EngineNodeEventMap[K]) => unknown, options?: boolean | AddEventListenerOptions): void;
  /** @ignore The browser's. */
  addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void;
  /** @ignore The browser's. */
  removeEventListener<K extends keyof EngineNodeEventMap>(type: K, listener: (this: EngineNode, event: EngineNodeEventMap[K]) => unknown, options?: boolean | EventListenerOptions): void;
  /** @ignore The browser's. */
  removeEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | EventListenerOptions): void;
}

/**
 * A node of effects. Connect it like any other; its AudioParams are those of its effects, such as `equalizer.band3.gain`, and
 * `NAME.bypass` of each.
 *
 * It dispatches `recovered` (a `CustomEvent` with a {@link Recovery}) when the audio thread failed and a fresh engine went on:
 * node, AudioParams and connections are the same; and `error` (detail: the {@link EngineError}) when there is no engine any more.
 * Its input passes through meanwhile.
 */
export class EngineNode extends WorkletNode {
  readonly #host: NodeHost;

  /** @internal Use {@link Engine.createNode}. */
  constructor(context: BaseAudioContext, host: NodeHost, constructor?: NodeConstructor) {
    super(context, host.nodeName, host.nodeOptions, constructor);
    this.#host = host;
  }

  /** Frames by which the output is late: a sum over the effects, each of which states its own. */
  get latencyFrames(): number {
    return this.#host.latencyFrames;
  }

  /** The same in seconds. */
  get latency(): number {
    return this.latencyFrames / this.context.sampleRate;
  }

  /** Seconds that it goes on to sound after its input has fallen silent, as it was made; Infinity if it may sound for ever. */
  get tailTime(): number {
    const frames = this.#host.tailFrames;
    return frames < 0 ? Infinity : frames / this.context.sampleRate;
  }

  /** The effects with their names and settings. */
  get effects(): EffectEntry[] {
    return this.#host.effects;
  }

  /** The parameters without AudioParams, which keep their values. */
  get constants(): Readonly<Record<string, number>> {
    return this.#host.constants;
  }

  /** What the effects measure, by full name, such as `compressor.gainReduction`. */
  get readings(): Readonly<Record<string, number>> {
    return this.#host.readings;
  }

  /** Figures from the audio thread. */
  get telemetry(): NodeTelemetry {
    return this.#host.telemetry;
  }

  /** The node as data, to be kept as JSON and given to {@link Engine.createNode} again. */
  get preset(): Preset {
    const parameters: Record<string, number> = {};
    this.parameters.forEach(({ value }, name) => { parameters[name] = value; });
    return { effects: this.effects, parameters, constants: this.constants };
  }

  /**
   * Sets AudioParams by their full names.
   *
   * @throws {EngineError} `invalid-argument` for a name that there is not, or a value out of its range; then none is set.
   */
  setParameters(values: Readonly<Record<string, number>>): void {
    for (const [name, value] of Object.entries(values)) {
      const parameter = this.parameters.get(name);
      if (!parameter) throw createError('invalid-argument', `The node has no AudioParam called "${name}"; it has ${Object.keys(this.preset.parameters).join(', ')}.`);
      const { minValue, maxValue } = parameter;
      if (!(typeof value === 'number' && value >= minValue && value <= maxValue)) throw createError('invalid-argument', `${name} must be ${minValue} to ${maxValue}, not ${value}.`);
    }
    for (const [name, value] of Object.entries(values)) this.parameters.get(name)!.value = value;
  }

  /**
   * Gives a convolver of the node its impulse response: one channel for both, two, or four as a `ConvolverNode` takes them (left to
   * left, left to right, right to left, right to right), at the context's rate, at most 20 s. Where there was another one, the
   * input goes over to the new one when it is prepared, and the old one rings out.
   *
   * @throws {EngineError} `invalid-argument`; `memory-full` with the bytes that it needs.
   */
  setImpulseResponse(response: AudioBuffer, { effect = 'convolver', normalize = true, signal }: ResponseOptions = {}): Promise<void> {
    return this.#host.setImpulseResponse(response, effect, normalize, signal);
  }

  /**
   * Writes by what factor one of the node's equalizers, as its AudioParams are now, raises each frequency in Hz: for drawing its curve.
   * As `getFrequencyResponse` of a `BiquadFilterNode`, but for the phase.
   *
   * @throws {EngineError} `invalid-argument` where there is no such equalizer, or the arrays differ in length.
   */
  getMagnitudeResponse(frequencyHz: Float32Array, magResponse: Float32Array, { effect = 'equalizer' }: { effect?: string } = {}): void {
    this.#host.getMagnitudeResponse(frequencyHz, magResponse, effect);
  }

  /**
   * Makes a reader of what one of the node's analysers keeps. Any number may read the same one. A node that is to be looked at and not
   * to be heard needs no connection of its own: `source.connect(node)` is enough.
   *
   * @throws {EngineError} `invalid-argument` with what there is; `disposed`.
   */
  createSpectrumReader({ effect = 'analyser', fftSize = 4096, window = 'hann' }: SpectrumReaderOptions = {}): SpectrumReader {
    return new SpectrumReader(this.#host.createSpectrumReader(effect, fftSize, window), fftSize, window);
  }

  /** Lets go of the node and closes its readers, so that the browser can free it; the engine has its memory back a moment later. Calling it again does nothing. */
  dispose(): void {
    this.#host.dispose();
  }
}
