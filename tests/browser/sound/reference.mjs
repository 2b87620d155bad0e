// Reference decodes, by software that is not ours: ffmpeg's decoders and the resampler soxr.

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { floats, fromInterleaved } from './sound.mjs';

const run = promisify(execFile);
const track = fileURLToPath(new URL('../../material/track/', import.meta.url));
const cache = new Map();

/** Absolute path of a file of the bundled track. */
export const trackPath = (name) => track + name;

/** What mixing 5.1 to stereo gives by the Web Audio specification, written for ffmpeg (order L R C LFE SL SR). */
const surroundToStereo = 'pan=stereo|c0=1*c0+0.70710678118*c2+0.70710678118*c4|c1=1*c1+0.70710678118*c2+0.70710678118*c5';

/**
 * Decodes a file to stereo floats. `sampleRate` resamples; `channels` is how many the file has
 * (1 is heard on both sides, 6 is mixed by the speaker rules).
 */
export async function decode(path, { sampleRate, channels = 2 } = {}) {
  const key = JSON.stringify([path, sampleRate, channels]);
  if (!cache.has(key)) cache.set(key, decodeNow(path, sampleRate, channels));
  return cache.get(key);
}

async function decodeNow(path, sampleRate, channels) {
  const filters = ['aformat=sample_fmts=flt'];
  if (channels === 6) filters.push(surroundToStereo);
  // ffmpeg turns mono into stereo at -3 dB; on both sides as it is, is what Web Audio says.
  if (channels === 1) filters.push('pan=stereo|c0=c0|c1=c0');
  if (sampleRate) filters.push(`aresample=${sampleRate}:resampler=soxr:precision=28`);
  const { stdout } = await run('ffmpeg', [
    '-hide_banner', '-loglevel', 'error', '-nostdin', '-i', path, '-map', '0:a:0', '-af', filters.join(','), '-c:a', 'pcm_f32le', '-f', 'f32le', '-',
  ], { encoding: 'buffer', maxBuffer: 1 << 30 });
  return fromInterleaved(floats(stdout));
}
