// Every file of the bundled track, and what is to be expected of it.
//
//   lossless   its samples come back bit for bit at its own rate
//   frames     its length, where encoder delay and padding are known; without them the reference's
//   gapless    whether they are
//   channels   in the file
//   sampleRate the rate it decodes at

const whole = { frames: 2_745_001, gapless: true, channels: 2, sampleRate: 44_100, loudFrom: 441_000 };
const excerpt = { frames: 55_125, gapless: true, channels: 2, sampleRate: 44_100, loudFrom: 2000, lossless: true };

export const formats = {
  'lanterns.flac': { ...whole, lossless: true },
  'lanterns-alac.m4a': { ...whole, lossless: true },
  'lanterns-cbr.mp3': { ...whole },
  'lanterns-vbr.mp3': { ...whole },
  'lanterns-untagged.mp3': { ...whole, frames: 2_746_368, gapless: false },
  'lanterns.ogg': { ...whole },
  'lanterns-aac.m4a': { ...whole },
  'lanterns.aac': { ...whole, frames: 2_746_368, gapless: false },
  'lanterns.opus': { ...whole, frames: 2_987_757, sampleRate: 48_000 },
  'excerpt-u8.wav': { ...excerpt },
  'excerpt-s16le.wav': { ...excerpt },
  'excerpt-s24le.wav': { ...excerpt },
  'excerpt-s32le.wav': { ...excerpt },
  'excerpt-f32le.wav': { ...excerpt },
  'excerpt-s16be.aiff': { ...excerpt },
  'excerpt-s24be.aiff': { ...excerpt },
  'excerpt-mono.wav': { ...excerpt, channels: 1 },
  // Mixed down: a sum of three products is not the same bits in every order.
  'excerpt-surround.wav': { ...excerpt, frames: 33_074, channels: 6, lossless: false },
};

/** Length at a context's rate: what has begun to sound counts. */
export const framesAt = ({ frames, sampleRate }, contextRate) => Math.ceil((frames * contextRate) / sampleRate);
