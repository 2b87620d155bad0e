// A node that listens to another one for a view.
import type { Engine } from '../engine.js';
import type { EngineNode } from '../engine_node.js';

/** Its analyser, which can do every length of transform. */
const EFFECT = 'analyser';

/** A tap of one view, connected to what the view shows. */
export class Tap {
  private constructor(readonly source: AudioNode, readonly node: EngineNode) {
    source.connect(node);
  }

  /** Listens to `source`, which goes on to sound as before. */
  static async open(engine: Engine, source: AudioNode): Promise<Tap> {
    const node = await engine.createNode({ effects: [{ effect: EFFECT }] });
    try {
      return new Tap(source, node);
    } catch (error) {
      node.dispose();
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
    this.node.dispose();
  }
}
