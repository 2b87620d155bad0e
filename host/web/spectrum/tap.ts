// A node that listens to another one for a view.
import type { Engine } from '../engine.js';
import type { EngineNode } from '../engine_node.js';

/** Its analyser, which can do every length of transform. */
const EFFECT = 'analyser';

/** Taps that no view uses at the moment. An engine has no use for the memory of a node that is gone, so they are kept. */
const idle = new WeakMap<Engine, EngineNode[]>();

/** A tap of one view, connected to what the view shows. */
export class Tap {
  private constructor(readonly engine: Engine, readonly source: AudioNode, readonly node: EngineNode) {
    source.connect(node);
  }

  /** Listens to `source`, which goes on to sound as before. */
  static async open(engine: Engine, source: AudioNode): Promise<Tap> {
    const node = idle.get(engine)?.pop() ?? await engine.createNode({ effects: [{ effect: EFFECT }] });
    try {
      return new Tap(engine, source, node);
    } catch (error) {
      keep(engine, node);
      throw error;
    }
  }

  /** Whether it has half the sum and half the difference of left and right, instead of those. */
  set isMidSide(value: boolean) {
    this.node.parameters.get(`${EFFECT}.midSide`)!.value = value ? 1 : 0;
  }

  close(): void {
    try {
      this.source.disconnect(this.node);
    } catch {
      // The page has disconnected everything from its node already.
    }
    keep(this.engine, this.node);
  }
}

function keep(engine: Engine, node: EngineNode): void {
  const nodes = idle.get(engine);
  if (nodes) nodes.push(node);
  else idle.set(engine, [node]);
}
