import type { NodeHost } from './host.js';
import { createError } from './error_codes.js';
import { WorkletNode } from './worklet_node.js';
import type { EffectEntry, NodeTelemetry, Preset, ResponseOptions } from './types.js';

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
  constructor(context: BaseAudioContext, host: NodeHost) {
    super(context, host.nodeName, host.nodeOptions);
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
    const parameters = Object.fromEntries([...this.parameters].map(([name, { value }]) => [name, value]));
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
      if (!parameter) throw createError('invalid-argument', `The node has no AudioParam called "${name}"; it has ${[...this.parameters.keys()].join(', ')}.`);
      const { minValue, maxValue } = parameter;
      if (!(value >= minValue && value <= maxValue)) throw createError('invalid-argument', `${name} must be ${minValue} to ${maxValue}, not ${value}.`);
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
  setImpulseResponse(response: AudioBuffer, { effect = 'convolver', normalize = true }: ResponseOptions = {}): Promise<void> {
    return this.#host.setImpulseResponse(response, effect, normalize);
  }

  /** Lets go of the node, so that the browser can free it. Calling it again does nothing. */
  dispose(): void {
    this.#host.dispose();
  }
}
