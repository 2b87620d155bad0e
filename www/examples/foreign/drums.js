// Somebody's application: a drum machine of plain Web Audio nodes.

const STEP_S = 0.125;
const AHEAD_S = 0.3;
const PATTERN = { kick: [0, 4, 8, 11, 12], snare: [4, 12], hat: [0, 2, 4, 6, 8, 10, 12, 14, 15] };

/** Plays a pattern of sixteen steps until its context is closed. */
export class Drums {
  context = new AudioContext();
  #mix = new GainNode(this.context, { gain: 0.5 });
  #noise = new AudioBuffer({ length: 12_000, sampleRate: this.context.sampleRate });
  #next = 0;
  #step = 0;

  constructor() {
    const samples = this.#noise.getChannelData(0);
    samples.forEach((_, n) => { samples[n] = 2 * Math.random() - 1; });
    this.#mix.connect(this.context.destination);
  }

  async start() {
    await this.context.resume();
    this.#next = this.context.currentTime + 0.05;
    setInterval(() => this.#schedule(), 50);
  }

  #schedule() {
    const { currentTime } = this.context;
    // After the page stood still: on from now, not all at once.
    if (this.#next < currentTime) this.#next = currentTime;
    for (; this.#next < currentTime + AHEAD_S; this.#next += STEP_S) {
      if (PATTERN.kick.includes(this.#step)) this.#kick(this.#next);
      if (PATTERN.snare.includes(this.#step)) this.#hiss(this.#next, 1800, 0.4, 0.06);
      if (PATTERN.hat.includes(this.#step)) this.#hiss(this.#next, 9000, 0.2, 0.02);
      this.#step = (this.#step + 1) % 16;
    }
  }

  #fading(time, level, seconds) {
    const gain = new GainNode(this.context, { gain: 0 });
    gain.gain.setValueAtTime(level, time);
    gain.gain.setTargetAtTime(0, time, seconds);
    gain.connect(this.#mix);
    return gain;
  }

  #kick(time) {
    const oscillator = new OscillatorNode(this.context, { frequency: 130 });
    oscillator.frequency.setTargetAtTime(45, time, 0.03);
    oscillator.connect(this.#fading(time, 0.9, 0.08));
    oscillator.start(time);
    oscillator.stop(time + 0.5);
  }

  #hiss(time, frequency, level, seconds) {
    const source = new AudioBufferSourceNode(this.context, { buffer: this.#noise });
    source.connect(new BiquadFilterNode(this.context, { type: 'highpass', frequency })).connect(this.#fading(time, level, seconds));
    source.start(time);
  }
}
