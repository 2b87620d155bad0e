// Measures what it costs to give a job away and how long it takes to arrive.

import { open, start } from './places.js';

/** What the audio thread and a worker pay, on one thread. */
globalThis.measureCosts = async (rounds) => {
  const { exports, places } = await open();
  exports.page_take_seat(places.controller);
  const { worker, result } = start('cost.js', { places, rounds });
  const measured = await result;
  worker.terminate();
  return measured;
};

/** Round trips between two threads that spin. */
globalThis.measureSpinning = async (rounds) => {
  const { places } = await open();
  const [ping, pong] = ['ping', 'pong'].map((role) => start('spin.js', { places, role, rounds }));
  const measured = await ping.result;
  for (const { worker } of [ping, pong]) worker.terminate();
  return measured;
};

/** Round trips to a thread that sleeps. */
globalThis.measureAsleep = async (rounds) => {
  const { exports, places } = await open();
  const { port1, port2 } = new MessageChannel();
  const numbers = new SharedArrayBuffer(256);
  const others = [
    start('pool_worker.js', { places }),
    start('echo.js', { port: port2 }, [port2]),
    start('echo.js', { numbers }),
  ];
  await Promise.all(others.map(({ ready }) => ready));
  exports.page_take_seat(places.controller);
  const trips = start('trip.js', { places, rounds, port: port1, numbers }, [port1]);
  const measured = await trips.result;
  for (const { worker } of [...others, trips]) worker.terminate();
  return measured;
};

/**
 * Lets the audio thread post jobs for some seconds with one worker; both leave time stamps in the browser's trace.
 * Resolves to `{ posted, byWorkers }`.
 */
globalThis.postLive = async (latencyHint, seconds) => {
  const context = new AudioContext({ latencyHint });
  const { exports, places } = await open(context.sampleRate);
  const pool = start('pool_worker.js', { places, marks: true });
  await pool.ready;
  exports.page_take_seat(places.controller);
  await context.audioWorklet.addModule('live_worklet.js');
  const { module, memory, audio, controller, stackTops } = places;
  const node = new AudioWorkletNode(context, 'live', { processorOptions: { module, memory, audio, controller, stackTop: stackTops[1] } });
  node.connect(context.destination);
  await context.resume();
  await new Promise((resolve) => { setTimeout(resolve, seconds * 1e3); });
  const ended = new Promise((resolve) => { node.port.onmessage = ({ data }) => resolve(data); });
  node.port.postMessage('end');
  const posted = await ended;
  const byWorkers = exports.page_by_workers(places.controller);
  await context.close();
  pool.worker.terminate();
  return { posted, byWorkers };
};
globalThis.ready = true;
