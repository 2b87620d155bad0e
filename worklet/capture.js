// Records what comes in from one frame of the context to another, for the measured round trip.
// A classic script without imports, like processor.js.
'use strict';

/** `processorOptions`: `first`, a frame of the context, and `frames`, how many are recorded from it on. */
class Capture extends AudioWorkletProcessor {
  constructor({ processorOptions: { first, frames } }) {
    super();
    this.first = first;
    /** The frame behind the last quantum. */
    this.next = 0;
    this.samples = new Float32Array(frames);
    this.begun = null;
    this.port.onmessage = () => { this.samples = null; };
  }

  process([[input]], [[output]]) {
    const { samples, first } = this;
    if (samples === null) return false;
    // Chromium tells an old frame now and then, but calls in every quantum.
    const now = Math.max(currentFrame, this.next);
    this.next = now + output.length;
    // An input that gives nothing has no channel, and is silent.
    const place = now - first;
    const from = Math.max(0, -place);
    const to = Math.min(output.length, samples.length - place);
    if (from < to) this.begun ??= now + from;
    if (input) for (let frame = from; frame < to; frame += 1) samples[place + frame] = input[frame];
    if (place + output.length < samples.length) return true;
    this.samples = null;
    this.port.postMessage({ firstFrame: this.begun ?? now, samples }, [samples.buffer]);
    return false;
  }
}

try {
  // The build puts a checksum of all shells in its place: of another copy of the package these are other classes, or the same ones.
  registerProcessor('rusty-audio-capture-SHELLS', Capture);
} catch (error) {
  if (error.name !== 'NotSupportedError') throw error;
}
