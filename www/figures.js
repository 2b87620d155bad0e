// What the engine's monitor says of the sound.

/** The table of what a monitor reads. It is there before any engine is; why it is not, engine_start.js tells. */
let figures = [];
import('./rusty-audio/index.js').then(({ FIGURES }) => { figures = FIGURES; }, () => {});

/** What reads figures of an engine's monitor by their names. */
function reader({ monitor }) {
  const values = new Float64Array(figures.length);
  monitor.readFigures(values);
  return (wanted) => values[figures.findIndex(({ name }) => name === wanted)];
}

/** Underruns between page and device, as the browser counts them since the engine is watched; null when it does not. */
export function deviceUnderruns(engine) {
  const figure = reader(engine);
  const events = figure('deviceUnderruns');
  return Number.isFinite(events) ? { events, seconds: figure('deviceLostMilliseconds') / 1000 } : null;
}

/** The latencies of the audio context in seconds, as far as the browser tells them; NaN where it does not. */
export function latencies(engine) {
  const figure = reader(engine);
  return { base: figure('baseLatencyMilliseconds') / 1000, output: figure('outputLatencyMilliseconds') / 1000 };
}
