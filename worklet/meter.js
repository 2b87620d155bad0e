// The gap meter's ear: notes down when the audio thread is called, and does nothing else. It needs no engine and no shared memory, so
// it goes into any audio context.
//# allFunctionsCalledOnLoad
'use strict';

/** Stamps that are kept while the page takes none: what comes after them is dropped. There is one for each millisecond at most. */
const CAPACITY = 1024;

/** From one message to the next, until the page says otherwise: a second at most, so that nothing is dropped meanwhile. */
const INTERVAL_MS = 100;

/** Messages that the page has not answered; with more of them it does not keep up, and none is sent. */
const MAX_UNANSWERED = 4;

/** Connected to nothing or to anything, it gives silence. */
class Meter extends AudioWorkletProcessor {
  constructor() {
    super();
    /** Whether stamps were dropped, then of each stamp the frame and the wall clock's milliseconds. */
    this.message = new Float64Array(1 + 2 * CAPACITY);
    this.stamps = 0;
    /** The frame behind the last quantum. */
    this.next = 0;
    this.wall = 0;
    this.sent = 0;
    this.unanswered = 0;
    this.interval = INTERVAL_MS;
    this.open = true;
    this.port.onmessage = ({ data }) => {
      if (data === 'close') this.open = false;
      else this.interval = data;
      this.unanswered = 0;
    };
  }

  process(_, outputs) {
    const wall = Date.now();
    // Chromium tells an old frame now and then, but calls in every quantum.
    const frame = Math.max(currentFrame, this.next);
    this.next = frame + outputs[0][0].length;
    // A callback's quanta are rendered at once: the first of them tells when it came.
    if (wall !== this.wall) {
      this.wall = wall;
      if (this.stamps === CAPACITY) {
        this.message[0] = 1;
      } else {
        this.message[1 + 2 * this.stamps] = frame;
        this.message[2 + 2 * this.stamps] = wall;
        this.stamps += 1;
      }
      if (Math.abs(wall - this.sent) >= this.interval && this.unanswered < MAX_UNANSWERED) this.send(wall);
    }
    return this.open;
  }

  send(wall) {
    this.port.postMessage(this.message.slice(0, 1 + 2 * this.stamps));
    this.stamps = 0;
    this.message[0] = 0;
    this.sent = wall;
    this.unanswered += 1;
  }
}

try {
  // The build puts a checksum of all shells in its place: of another copy of the package these are other classes, or the same ones.
  registerProcessor('rusty-audio-meter-SHELLS', Meter);
} catch (error) {
  if (error.name !== 'NotSupportedError') throw error;
}
