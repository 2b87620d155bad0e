/* Tells of each click: the frame of the context at which it comes in. */
registerProcessor('clicks', class extends AudioWorkletProcessor {
  constructor() {
    super();
    this.deafUntil = 0;
    this.next = 0;
  }

  process([[input]], [[output]]) {
    // Chromium tells an old frame now and then, but calls in every quantum.
    const now = Math.max(currentFrame, this.next);
    this.next = now + output.length;
    if (!input) return true;
    const place = input.findIndex((sample) => Math.abs(sample) > 0.35);
    if (place >= 0 && now + place >= this.deafUntil) {
      this.deafUntil = now + place + sampleRate / 10;
      this.port.postMessage(now + place);
    }
    return true;
  }
});
