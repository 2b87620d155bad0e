// A sound whose first sample is not silence, as a WAV file.

const RATE = 44_100;
const SECONDS = 5;
const FREQUENCY_HZ = 441;

/** A sine that starts at its crest, 16-bit stereo. */
export function toneFile() {
  const frames = RATE * SECONDS;
  const file = Buffer.alloc(44 + frames * 4);
  file.write('RIFF', 0, 'latin1');
  file.writeUInt32LE(file.length - 8, 4);
  file.write('WAVEfmt ', 8, 'latin1');
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20); // PCM
  file.writeUInt16LE(2, 22);
  file.writeUInt32LE(RATE, 24);
  file.writeUInt32LE(RATE * 4, 28);
  file.writeUInt16LE(4, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36, 'latin1');
  file.writeUInt32LE(frames * 4, 40);
  for (let frame = 0; frame < frames; frame += 1) {
    const sample = Math.round(0.25 * 32767 * Math.cos((2 * Math.PI * FREQUENCY_HZ * frame) / RATE));
    file.writeInt16LE(sample, 44 + frame * 4);
    file.writeInt16LE(sample, 46 + frame * 4);
  }
  return file;
}
