// What the figures of a node at work are measured after.

import { Engine } from './package/index.js';

/**
 * Has the browser compile the engine's kernels well, as they are on a page that plays: by a live engine, which warms them, and
 * which stays, because what was compiled belongs to its module.
 */
export async function warm() {
  const context = new AudioContext();
  const engine = await Engine.create(context);
  while (!engine.report().warming) await new Promise((resolve) => { setTimeout(resolve, 20); });
  const { failure } = engine.report().warming;
  if (failure) throw new Error(failure);
  await context.suspend();
  globalThis.warmEngine = engine;
}
