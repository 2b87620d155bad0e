// What a page may write, and what the compiler must refuse: a line below an `@ts-expect-error` that compiles fails the test.
import { Engine, EngineNode, FIGURES, Monitor, PlayerNode, measureRoundTrip, rememberedRoundTrip } from 'rusty-audio';
import type { AssetName, EngineError, ErrorCode, Preset, Spectrum, Support, Track } from 'rusty-audio';
import { LatencyHud } from 'rusty-audio/hud';
import { Monitor as MonitorAlone } from 'rusty-audio/monitor';
import { SpectrumView } from 'rusty-audio/spectrum';

export async function starting(context: AudioContext, offline: OfflineAudioContext, { signal }: AbortController): Promise<void> {
  const support: Support = await Engine.support();
  const mode: 'shared' | 'solo' | 'none' = support.mode;
  const engine = await Engine.create(context, {
    mode: 'solo', workers: 2, memoryMebibytes: 32, signal, assetBaseUrl: '/audio/', assetUrls: { 'engine.wasm': new URL('https://example.org/e.wasm') },
    onprogress: ({ stage, loaded, total }) => console.log(stage.length + loaded / total),
  });
  await Engine.create(offline);
  // @ts-expect-error: there is no such mode.
  await Engine.create(context, { mode: 'multi' });
  // @ts-expect-error: there is no such option.
  await Engine.create(context, { threads: 4 });
  // @ts-expect-error: there is no such file.
  await Engine.create(context, { assetUrls: { 'motor.wasm': '/motor.wasm' } });
  // @ts-expect-error: an element is no context.
  await Engine.create(document.body);
  // @ts-expect-error: engines are made by Engine.create.
  new Engine(context);
  // @ts-expect-error: what is read only stays so.
  engine.mode = mode;
  const name: AssetName = 'decode-worker.js';
  console.log(name);
  await engine.dispose();
}

export async function effects(engine: Engine, source: AudioNode, response: AudioBuffer): Promise<void> {
  const node: EngineNode = await engine.createNode({ effects: ['equalizer', { effect: 'delay', name: 'echo', maximumDelay: 2 }], parameters: { 'echo.time': 0.5 } });
  source.connect(node).connect(engine.context.destination);
  const native: AudioWorkletNode = node;
  const gain: AudioParam | undefined = node.parameters.get('equalizer.band3.gain');
  const late: number = node.latency + node.latencyFrames + node.tailTime;
  const preset: Preset = node.preset;
  await engine.createNode(preset);
  await node.setImpulseResponse(response, { effect: 'room', normalize: false, signal: AbortSignal.timeout(1000) });
  node.addEventListener('recovered', ({ detail }) => console.log(detail.gap, native, gain, late));
  node.addEventListener('error', ({ detail }: CustomEvent<EngineError>) => console.log(detail.code satisfies ErrorCode, detail.advice));
  // @ts-expect-error: there is no such effect.
  await engine.createNode({ effects: ['reverb'] });
  // @ts-expect-error: an equalizer has bands.
  await engine.createNode({ effects: [{ effect: 'equalizer', band: 3 }] });
  // @ts-expect-error: a value is a number.
  await engine.createNode({ effects: ['gain'], parameters: { 'gain.gain': 'loud' } });
  // @ts-expect-error: the detail is a recovery.
  node.addEventListener('recovered', ({ detail }) => console.log(detail.message));
  // @ts-expect-error: there is no such window.
  node.createSpectrumReader({ window: 'kaiser' });
}

export async function playing(engine: Engine, file: File, signal: AbortSignal): Promise<void> {
  const player: PlayerNode = await engine.createPlayer({ effects: ['limiter'], bufferSeconds: 1, signal });
  const track: Track = await player.load(file, { signal, name: 'a song' });
  await (await player.enqueue(new URL('https://example.org/next.flac'))).opened;
  player.addEventListener('loadedmetadata', ({ detail }) => console.log(detail.duration, track.codec));
  player.addEventListener('ended', function () { this.pause(); });
  player.currentTime = 30;
  const { frame, exact }: { frame: number; exact: boolean } = await player.seekToFrame(1);
  console.log(frame, exact);
  // @ts-expect-error: a number is no source.
  await player.load(7);
  // @ts-expect-error: the duration is the file's.
  player.duration = 3;
}

export async function pool(engine: Engine, samples: Float32Array): Promise<void> {
  const { real, executionMilliseconds } = await engine.submit({ kind: 'fft', samples }, { priority: 'background' });
  const spectrum: Spectrum = await engine.computeFft(samples);
  const { value }: { value: number } = await engine.submit({ kind: 'test', seed: 1 });
  const { totalBytes, usedBytes, parts } = engine.memory();
  console.log(real, executionMilliseconds, spectrum, value, totalBytes - usedBytes, parts.pool, engine.workers[0]?.jobs, engine.report().warming?.quanta);
  // @ts-expect-error: there is no such kind of job.
  await engine.submit({ kind: 'dct', samples });
  // @ts-expect-error: a test job has a value and no spectrum.
  (await engine.submit({ kind: 'test', seed: 1 })).real;
  // @ts-expect-error: there is no such priority.
  await engine.computeFft(samples, { priority: 'urgent' });
}

export async function seen(engine: Engine, context: AudioContext): Promise<void> {
  const monitor: Monitor = await MonitorAlone.attach(context);
  monitor.readFigures(new Float64Array(FIGURES.length));
  const hud: LatencyHud = document.createElement('latency-hud');
  await hud.attach(engine);
  const view: SpectrumView = document.createElement('spectrum-view');
  view.engine = engine;
  const stop: () => void = engine.on('report', ({ figures }) => console.log(figures), { intervalSeconds: 5 });
  stop();
  await measureRoundTrip(context, { volumeIsLow: true });
  console.log((await rememberedRoundTrip(context))?.milliseconds);
  // @ts-expect-error: nothing sounds without the person's consent.
  await measureRoundTrip(context);
  // @ts-expect-error: there is nothing else to listen to.
  engine.on('glitch', () => {});
}
