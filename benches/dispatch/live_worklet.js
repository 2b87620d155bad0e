// The audio thread: posts a job every 512 frames and leaves stamps in the browser's trace.

const QUANTA_PER_POST = 4;

registerProcessor('live', class extends AudioWorkletProcessor {
  constructor({ processorOptions: { module, memory, audio, controller, stackTop } }) {
    super();
    const { exports } = new WebAssembly.Instance(module, { env: { memory } });
    exports.__stack_pointer.value = stackTop;
    this.exports = exports;
    this.audio = audio;
    this.controller = controller;
    this.taken = 0;
    this.kept = 0;
    this.quantum = 0;
    this.posted = 0;
    this.running = true;
    this.port.onmessage = () => {
      this.running = false;
      this.port.postMessage(this.posted);
    };
  }

  process() {
    if (!this.running) return false;
    const { exports, audio, controller } = this;
    exports.rt_begin_quantum(audio);
    for (const taken = exports.page_taken_unclaimed(controller); this.taken < taken; this.taken += 1) console.timeStamp('taken');
    exports.rt_collect_due(audio);
    this.quantum += 1;
    if (this.quantum % QUANTA_PER_POST === 0) {
      console.timeStamp('posted');
      exports.rt_post(audio, 1);
      const kept = exports.page_kept(controller);
      if (kept !== this.kept) console.timeStamp('kept');
      this.kept = kept;
      this.posted += 1;
    }
    return true;
  }
});
