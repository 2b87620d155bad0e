/* Tells of each click: the frame of the context at which it comes in. */
registerProcessor('clicks', class extends AudioWorkletProcessor {
  constructor() {
    super();
    this.deafUntil = 0;
  }

  process([[input]]) {
    if (!input) return true;
    const place = input.findIndex((sample) => Math.abs(sample) > 0.35);
    if (place >= 0 && currentFrame + place >= this.deafUntil) {
      this.deafUntil = currentFrame + place + sampleRate / 10;
      this.port.postMessage(currentFrame + place);
    }
    return true;
  }
});
