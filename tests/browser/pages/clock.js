// Has the wall clock of the audio thread's scope jump, as when somebody sets it. Posted are the milliseconds that it is off from then on.
{
  const { now } = Date;
  let off = 0;
  Date.now = () => now() + off;
  registerProcessor('clock', class extends AudioWorkletProcessor {
    constructor() {
      super();
      this.port.onmessage = ({ data }) => { off = data; };
    }

    process() {
      return true;
    }
  });
}
