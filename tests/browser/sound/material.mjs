// Files that are made when the tests run: target/material/.
//
// The loud excerpts begin and end in full sound, so that a gap, an overlap or a click at a joint shows. The
// broken files are what the world sends to players.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { longWave } from './long.mjs';
import { trackPath } from './reference.mjs';

const folder = fileURLToPath(new URL('../../../target/material/', import.meta.url));

/** Absolute path of a file that was made. */
export const materialPath = (name) => folder + name;

/** Makes `name` with `write(temporaryPath)`, unless it is there. */
function make(name, write) {
  mkdirSync(folder, { recursive: true });
  if (existsSync(materialPath(name))) return materialPath(name);
  // The kind of a file is its suffix, also to the encoders.
  const unfinished = materialPath(`unfinished-${process.pid}-${name}`);
  write(unfinished);
  renameSync(unfinished, materialPath(name));
  return materialPath(name);
}

const ffmpeg = (...parameters) => execFileSync('ffmpeg', ['-hide_banner', '-loglevel', 'error', '-nostdin', '-y', ...parameters]);

/** Frames of a loud excerpt: odd, and no multiple of any codec's packet. */
export const loudFrames = 70_001;

/** Makes the loud excerpts, cut from different places of the track; returns their names. */
export function makeLoud() {
  const encoders = {
    'loud.flac': (wave, path) => execFileSync('flac', ['--totally-silent', '-o', path, wave]),
    'loud.mp3': (wave, path) => execFileSync('lame', ['--quiet', '-V', '2', wave, path]),
    'loud.ogg': (wave, path) => ffmpeg('-i', wave, '-c:a', 'libvorbis', '-q:a', '5', path),
    'loud-aac.m4a': (wave, path) => ffmpeg('-i', wave, '-c:a', 'aac', '-aac_pns', '0', '-b:a', '160k', '-movie_timescale', '44100', path),
    'loud-alac.m4a': (wave, path) => ffmpeg('-i', wave, '-c:a', 'alac', path),
  };
  for (const [index, [name, encode]] of Object.entries(encoders).entries()) {
    const first = 700_000 + 90_000 * index;
    const wave = make(`${name}.source.wav`, (path) => ffmpeg('-i', trackPath('lanterns.flac'), '-af', `atrim=start_sample=${first}:end_sample=${first + loudFrames}`, path));
    make(name, (path) => encode(wave, path));
  }
  return Object.keys(encoders);
}

/** Bytes that no decoder expects, always the same. */
function noise(length) {
  const bytes = Buffer.alloc(length);
  let state = 0x2545f491;
  for (let i = 0; i < length; i += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[i] = state;
  }
  return bytes;
}

/** A WAV file whose header declares `declared` bytes of data, and which has those of `frames` frames. */
function wave(frames, declared) {
  const bytes = Buffer.from(longWave.bytes(0, 44 + 4 * frames));
  bytes.writeUInt32LE(Math.min(0xffffffff, 36 + declared), 4);
  bytes.writeUInt32LE(declared, 40);
  return bytes;
}

/** Frames in the files whose header lies. */
export const lyingFrames = 88_201;

/** Makes the broken files. */
export function makeBroken() {
  const track = (name) => readFileSync(trackPath(name));
  const files = {
    'empty.wav': () => Buffer.alloc(0),
    'text.mp3': () => Buffer.from('This is no sound, whatever its name says.\n'.repeat(500)),
    'cut.flac': () => track('lanterns.flac').subarray(0, 900_000),
    'cut.mp3': () => track('lanterns-cbr.mp3').subarray(0, 100_000),
    'cut-aac.m4a': () => track('lanterns-aac.m4a').subarray(0, 200_000),
    'cut.ogg': () => track('lanterns.ogg').subarray(0, 200_000),
    // More data declared than there is; an endless stream's 2^32 - 1; fewer.
    'long-claim.wav': () => wave(lyingFrames, 4 * 10 * lyingFrames),
    'endless-claim.wav': () => wave(lyingFrames, 0xffffffff),
    'short-claim.wav': () => wave(lyingFrames, 4 * 44_100),
    'noise.flac': () => Buffer.concat([track('lanterns.flac').subarray(0, 9000), noise(300_000)]),
    'noise.mp3': () => Buffer.concat([track('lanterns-cbr.mp3').subarray(0, 9000), noise(300_000)]),
    'noise.ogg': () => Buffer.concat([track('lanterns.ogg').subarray(0, 9000), noise(300_000)]),
    'noise.m4a': () => Buffer.concat([track('lanterns-aac.m4a').subarray(0, 60_000), noise(300_000)]),
  };
  for (const [name, contents] of Object.entries(files)) make(name, (path) => writeFileSync(path, contents()));
  make('surround-ac3.m4a', (path) => ffmpeg('-i', trackPath('excerpt-surround.wav'), '-c:a', 'ac3', '-f', 'mp4', path));
  return [...Object.keys(files), 'surround-ac3.m4a'];
}

/**
 * Makes two hours as FLAC and as VBR MP3 without a tag, from the track over and over at levels that differ,
 * in about half a minute.
 */
export function makeLong() {
  const frames = longWave.frames;
  const endless = ['-stream_loop', '-1', '-i', trackPath('lanterns.flac'), '-af', `atrim=end_sample=${frames},volume='0.5+0.4*sin(t/97)':eval=frame`];
  make('long.flac', (path) => ffmpeg(...endless, '-c:a', 'flac', '-compression_level', '0', '-sample_fmt', 's16', path));
  make('long.mp3', (path) => ffmpeg(...endless, '-c:a', 'libmp3lame', '-q:a', '7', '-compression_level', '9', '-write_xing', '0', '-id3v2_version', '0', path));
}
