// Passes its input through, and says once when it rendered its first quantum, its first quantum with an
// input that is being rendered, and its first sample that is not silence.
registerProcessor('empty', class extends AudioWorkletProcessor {
  #said = { quantum: false, input: false, sound: false };

  #say(event) {
    if (this.#said[event]) return;
    this.#said[event] = true;
    this.port.postMessage(event);
  }

  process([input], [output]) {
    this.#say('quantum');
    if (input.length > 0) this.#say('input');
    for (let channel = 0; channel < input.length; channel += 1) {
      if (!this.#said.sound && input[channel].some((sample) => sample !== 0)) this.#say('sound');
      output[channel]?.set(input[channel]);
    }
    return true;
  }
});
