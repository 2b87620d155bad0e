/* Gives out the frames that it was made with, from its first quantum on, and tells which that was. A buffer's source may begin between
   two frames. */
registerProcessor('feed', class extends AudioWorkletProcessor {
  constructor({ processorOptions }) {
    super();
    this.planes = processorOptions.planes;
    this.position = 0;
  }

  process(_, [output]) {
    if (this.position === 0) this.port.postMessage({ frame: currentFrame });
    const frames = output[0].length;
    output.forEach((samples, channel) => {
      samples.set(this.planes[channel].subarray(this.position, this.position + frames));
    });
    this.position += frames;
    return this.position < this.planes[0].length;
  }
});
