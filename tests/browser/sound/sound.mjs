// A sound: { left, right } as Float32Arrays of one length.

/** From the planar samples that a page posts: all of left, then all of right. */
export function fromPlanes(bytes) {
  const samples = floats(bytes);
  const frames = samples.length / 2;
  return { left: samples.subarray(0, frames), right: samples.subarray(frames) };
}

/** From interleaved stereo samples, as ffmpeg and parecord write them. */
export function fromInterleaved(samples) {
  const left = new Float32Array(samples.length >> 1);
  const right = new Float32Array(samples.length >> 1);
  for (let frame = 0; frame < left.length; frame += 1) {
    left[frame] = samples[2 * frame];
    right[frame] = samples[2 * frame + 1];
  }
  return { left, right };
}

/** The bytes of a Buffer as little-endian floats. */
export function floats(bytes) {
  const samples = new Float32Array(bytes.length >> 2);
  Buffer.from(samples.buffer).set(bytes.subarray(0, samples.byteLength));
  return samples;
}

export const frameCount = (sound) => sound.left.length;

/** Frames `from` to `to` (exclusive) of a sound, not copied. */
export const part = (sound, from, to = sound.left.length) => ({ left: sound.left.subarray(from, to), right: sound.right.subarray(from, to) });

/** Sounds one after the other. */
export function joined(...sounds) {
  const frames = sounds.reduce((sum, sound) => sum + frameCount(sound), 0);
  const whole = { left: new Float32Array(frames), right: new Float32Array(frames) };
  let at = 0;
  for (const sound of sounds) {
    whole.left.set(sound.left, at);
    whole.right.set(sound.right, at);
    at += frameCount(sound);
  }
  return whole;
}
