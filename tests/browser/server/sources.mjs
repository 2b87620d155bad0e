// The resources that players read: files of a folder, and sounds that are computed where they are read.

import { createReadStream, statSync } from 'node:fs';
import { extname, join, normalize } from 'node:path';
import { longWave } from '../sound/long.mjs';

const types = {
  '.wav': 'audio/wav', '.aiff': 'audio/aiff', '.flac': 'audio/flac', '.mp3': 'audio/mpeg', '.ogg': 'audio/ogg',
  '.opus': 'audio/ogg', '.m4a': 'audio/mp4', '.aac': 'audio/aac', '.txt': 'text/plain',
};

/** A file below `folder`, or null. */
export function file(folder, path) {
  const place = join(folder, normalize(`/${path}`));
  const facts = statSync(place, { throwIfNoEntry: false });
  if (!facts?.isFile()) return null;
  return {
    byteLength: facts.size,
    type: types[extname(place)] ?? 'application/octet-stream',
    etag: `"${facts.size.toString(36)}-${facts.mtimeMs.toString(36)}"`,
    read: (start, end) => createReadStream(place, { start, end: end - 1 }),
  };
}

/** `long.wav`: two hours, computed; or null. */
export function computed(path) {
  if (path !== '/long.wav') return null;
  return {
    byteLength: longWave.byteLength,
    type: 'audio/wav',
    etag: '"long"',
    async* read(start, end) {
      const step = 65_536;
      for (let offset = start; offset < end; offset += step) yield longWave.bytes(offset, Math.min(end, offset + step));
    },
  };
}
