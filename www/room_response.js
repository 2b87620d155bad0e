// The impulse response of a small hall, computed: a few early reflections from the walls, then noise that decays, its
// treble first. The direct sound is not in it: the player adds this to the dry sound.

const LENGTH_S = 0.18;
// What the engine convolves with at most.
const MOST_FRAMES = 8192;

const DECAY_60_DB_S = 0.42;
const DIFFUSE_ONSET_S = 0.012;
const DIFFUSE_RISE_S = 0.02;
const DIFFUSE_CUTOFFS_HZ = [7500, 2200];
const FADE_OUT_S = 0.05;
const LOW_CUT_HZ = 140;

// Delay in milliseconds, linear level, place from −1 (left) to 1 (right). No two delays have a common divisor worth hearing.
const REFLECTIONS = [
  [8.3, 0.5, -0.6], [11.9, -0.46, 0.7], [16.7, 0.4, -0.2], [20.3, 0.36, 0.4],
  [26.9, -0.31, -0.8], [31.7, 0.28, 0.8], [38.3, 0.24, 0.1], [45.1, -0.2, -0.4],
];
const REFLECTION_CUTOFF_HZ = 6000;
/** Share of the early reflections in the energy. */
const EARLY_SHARE = 0.3;

// Music has most of its energy below this, and that is where the level is matched.
const MATCHED_BELOW_HZ = 1000;

/** Numbers from −1 to 1, the same every time. */
function* noise(seed) {
  let state = seed;
  for (;;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 31 - 1;
  }
}

/** `y[n] = y[n-1] + a (x[n] - y[n-1])`, with a cutoff in Hz that may depend on the time in seconds. */
function lowPass(samples, sampleRate, cutoffAt) {
  let y = 0;
  return samples.map((x, n) => {
    y += (1 - Math.exp((-2 * Math.PI * cutoffAt(n / sampleRate)) / sampleRate)) * (x - y);
    return y;
  });
}

const energyOf = (samples) => samples.reduce((sum, x) => sum + x * x, 0);

function scaled(samples, energy) {
  const factor = Math.sqrt(energy / energyOf(samples));
  return samples.map((x) => x * factor);
}

function reflections(frames, sampleRate, side) {
  const samples = new Float32Array(frames);
  for (const [milliseconds, level, place] of REFLECTIONS) {
    const frame = Math.round((milliseconds / 1000) * sampleRate);
    if (frame < frames) samples[frame] = level * Math.sqrt((1 + side * place) / 2);
  }
  return lowPass(samples, sampleRate, () => REFLECTION_CUTOFF_HZ);
}

function diffuse(frames, sampleRate, seed) {
  const source = noise(seed);
  const [first, last] = DIFFUSE_CUTOFFS_HZ;
  const samples = Float32Array.from({ length: frames }, (_, n) => {
    const seconds = n / sampleRate;
    const rise = Math.min(Math.max((seconds - DIFFUSE_ONSET_S) / DIFFUSE_RISE_S, 0), 1);
    return source.next().value * rise * 10 ** ((-3 * seconds) / DECAY_60_DB_S);
  });
  return lowPass(samples, sampleRate, (seconds) => first * (last / first) ** (seconds / LENGTH_S));
}

function channel(frames, sampleRate, side) {
  const early = scaled(reflections(frames, sampleRate, side), EARLY_SHARE);
  const late = scaled(diffuse(frames, sampleRate, side < 0 ? 1 : 2), 1 - EARLY_SHARE);
  const sum = early.map((x, n) => x + late[n]);
  const low = lowPass(sum, sampleRate, () => LOW_CUT_HZ);
  const shaped = sum.map((x, n) => {
    const rest = Math.min((frames - n) / (FADE_OUT_S * sampleRate), 1);
    return (x - low[n]) * Math.sin((Math.PI / 2) * rest) ** 2;
  });
  const matched = lowPass(shaped, sampleRate, () => MATCHED_BELOW_HZ);
  const impulse = lowPass(Float32Array.from({ length: frames }, (_, n) => (n === 0 ? 1 : 0)), sampleRate, () => MATCHED_BELOW_HZ);
  const factor = Math.sqrt(energyOf(impulse) / energyOf(matched));
  return shaped.map((x) => x * factor);
}

/** The response as an `AudioBuffer` of two channels at the rate of `context`; as loud as what it is given. */
export function roomResponse(context) {
  const { sampleRate } = context;
  const frames = Math.min(Math.round(LENGTH_S * sampleRate), MOST_FRAMES);
  const buffer = context.createBuffer(2, frames, sampleRate);
  [-1, 1].forEach((side, index) => buffer.copyToChannel(channel(frames, sampleRate, side), index));
  return buffer;
}
