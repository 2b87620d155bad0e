/* A quiet sine, and a message after a hundred quanta. */
registerProcessor('tone', class extends AudioWorkletProcessor {
  constructor() {
    super();
    this.quanta = 0;
    this.phase = 0;
  }

  process(_inputs, [output]) {
    for (let frame = 0; frame < output[0].length; frame += 1) {
      const sample = 0.1 * Math.sin(this.phase);
      for (const plane of output) plane[frame] = sample;
      this.phase += (2 * Math.PI * 440) / sampleRate;
    }
    this.quanta += 1;
    if (this.quanta === 100) this.port.postMessage(this.quanta);
    return true;
  }
});
