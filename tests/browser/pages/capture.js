/* Records the frames that pass, and hands them on unchanged. */
registerProcessor('capture', class extends AudioWorkletProcessor {
  constructor() {
    super();
    this.recording = false;
    this.filled = 0;
    this.chunk = new Float32Array(2 * 8192);
    this.port.onmessage = ({ data }) => {
      if (data !== 'where') this.recording = data === 'start';
      if (data === 'start') this.port.postMessage('started');
      // The frame that is rendered next: in a suspended context, and nowhere else, it stays that.
      if (data === 'where') this.port.postMessage({ frame: currentFrame });
      if (data === 'stop') {
        this.send();
        this.port.postMessage('stopped');
      }
    };
  }

  send() {
    const half = this.chunk.length / 2;
    const left = this.chunk.slice(0, this.filled);
    const right = this.chunk.slice(half, half + this.filled);
    this.port.postMessage({ left, right }, [left.buffer, right.buffer]);
    this.filled = 0;
  }

  process([input], [output]) {
    const half = this.chunk.length / 2;
    const frames = output[0].length;
    for (let channel = 0; channel < 2; channel += 1) {
      const plane = input[Math.min(channel, input.length - 1)];
      if (plane) output[channel].set(plane);
      if (!this.recording) continue;
      if (plane) this.chunk.set(plane, channel * half + this.filled);
      else this.chunk.fill(0, channel * half + this.filled, channel * half + this.filled + frames);
    }
    if (this.recording) {
      this.filled += frames;
      if (this.filled + frames > half) this.send();
    }
    return true;
  }
});
