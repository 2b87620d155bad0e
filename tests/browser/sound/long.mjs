// A sound of two hours that exists only as a formula: any byte range of its WAV file can be computed, and
// any few samples of it say where they come from.
//
// Frame n: both channels are hashes of n, at -18 dB, so that no two places are alike and a wrong frame
// differs in its first sample already.

const sampleRate = 44_100;
const frames = 2 * 3600 * sampleRate + 17;
const headerBytes = 44;
const frameBytes = 4;

/** Sample of frame `n` as a 16-bit integer, -4096 to 4095. `channel` is 0 or 1. */
export function longSample(n, channel) {
  let hash = Math.imul(n ^ (channel ? 0x9e3779b9 : 0), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) & 0x1fff) - 0x1000;
}

function header() {
  const bytes = Buffer.alloc(headerBytes);
  bytes.write('RIFF', 0, 'latin1');
  bytes.writeUInt32LE(headerBytes - 8 + frames * frameBytes, 4);
  bytes.write('WAVEfmt ', 8, 'latin1');
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(2, 22);
  bytes.writeUInt32LE(sampleRate, 24);
  bytes.writeUInt32LE(sampleRate * frameBytes, 28);
  bytes.writeUInt16LE(frameBytes, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36, 'latin1');
  bytes.writeUInt32LE(frames * frameBytes, 40);
  return bytes;
}

export const longWave = {
  sampleRate,
  frames,
  byteLength: headerBytes + frames * frameBytes,
  /** The bytes of the file from `start` to `end` (exclusive). */
  bytes(start, end) {
    const parts = [];
    if (start < headerBytes) parts.push(header().subarray(start, Math.min(end, headerBytes)));
    const from = Math.max(0, start - headerBytes);
    const to = end - headerBytes;
    if (to > from) {
      const first = Math.floor(from / frameBytes);
      const last = Math.ceil(to / frameBytes);
      const samples = new Int16Array((last - first) * 2);
      for (let n = first; n < last; n += 1) {
        samples[2 * (n - first)] = longSample(n, 0);
        samples[2 * (n - first) + 1] = longSample(n, 1);
      }
      parts.push(Buffer.from(samples.buffer).subarray(from - first * frameBytes, to - first * frameBytes));
    }
    return Buffer.concat(parts);
  },
  /** Frames from `first` on as the floats that a player must give: [left, right]. */
  planes(first, count) {
    return [0, 1].map((channel) => Float32Array.from({ length: count }, (_, i) => longSample(first + i, channel) / 32_768));
  },
};
