// A PulseAudio server of our own with one null sink, and its recorder.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { start, stop } from './process.mjs';

/**
 * Starts a server that plays into nothing at `sampleRate`; `environment` leads programs to it. With `microphone` there is one that
 * hears what is played: a source of its own, since Chromium takes no sink's monitor for a microphone.
 */
export async function startPulseAudio({ sampleRate = 48_000, microphone = false } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'rusty-audio-pulse-'));
  const socket = join(folder, 'native');
  const environment = { PULSE_SERVER: `unix:${socket}`, PULSE_RUNTIME_PATH: folder, PULSE_STATE_PATH: folder, PULSE_COOKIE: join(folder, 'cookie') };
  const server = start('pulseaudio', [
    '-n', '--daemonize=no', '--use-pid-file=no', '--exit-idle-time=-1', '--disallow-exit', '--realtime=no', '--high-priority=no',
    '-L', `module-native-protocol-unix socket=${socket} auth-anonymous=1`,
    '-L', `module-null-sink sink_name=test rate=${sampleRate} format=float32le channels=2`,
    ...(microphone ? ['-L', 'module-remap-source source_name=microphone master=test.monitor'] : []),
  ], { environment });
  for (let attempt = 0; !existsSync(socket); attempt += 1) {
    if (attempt === 100 || server.exitCode !== null) throw new Error(`pulseaudio did not start: ${server.said()}`);
    await delay(100);
  }
  return {
    environment,
    sampleRate,
    /** Takes the sink away, as a device that is pulled out. */
    unplug: () => execFileSync('pactl', ['unload-module', 'module-null-sink'], { env: { ...process.env, ...environment } }),
    /** Brings a sink of another rate. */
    plug: (rate) => execFileSync('pactl', ['load-module', 'module-null-sink', 'sink_name=other', `rate=${rate}`], { env: { ...process.env, ...environment } }),
    /** Whether the microphone gives silence. */
    mute: (muted) => execFileSync('pactl', ['set-source-mute', 'microphone', String(Number(muted))], { env: { ...process.env, ...environment } }),
    /** Records what is played from now on; `finish()` ends it and returns interleaved stereo samples. */
    record() {
      const recorder = start('parecord', [
        '--device=test.monitor', '--raw', '--format=float32le', `--rate=${sampleRate}`, '--channels=2', '--latency-msec=50',
      ], { environment, binary: true });
      const parts = [];
      recorder.stdout.on('data', (bytes) => parts.push(bytes));
      return {
        async finish() {
          await stop(recorder);
          const bytes = Buffer.concat(parts);
          const samples = new Float32Array(bytes.length >> 2);
          Buffer.from(samples.buffer).set(bytes.subarray(0, samples.byteLength));
          return samples;
        },
      };
    },
    async close() {
      await stop(server);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
