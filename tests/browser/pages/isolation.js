// A page that has itself isolated, and an engine that does not wait for it. The address may name another worker, or ask for a gesture.
// What became of it is posted to a letter; the tests reach it as `visit` too.

import { Engine, isolate } from '../package/index.js';

const parameters = new URL(location.href).searchParams;

// What the driver cannot do in every browser: somebody presses a key while the worker starts.
if (parameters.has('used')) setTimeout(() => dispatchEvent(new KeyboardEvent('keydown')));

const context = new AudioContext();
const started = Engine.create(context, { workers: 1 }).then(async (engine) => {
  const { mode } = engine;
  const { real } = await engine.computeFft(new Float32Array(64).fill(1));
  return { mode, sum: real[0] };
});
// A page that is reloaded meanwhile has no use for it.
started.catch(() => {});

window.visit = (async () => {
  const isolation = await isolate({ workerUrl: parameters.get('worker') ?? '../isolation-worker.js', embedderPolicy: parameters.get('embedder') ?? undefined });
  const told = { ...isolation, isolated: crossOriginIsolated, engine: await started };
  const letter = parameters.get('letter');
  if (letter && told.state !== 'reloading') await fetch(`/letters/${letter}`, { method: 'POST', body: JSON.stringify(told) });
  return told;
})();
