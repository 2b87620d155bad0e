// A node that hands its input on and has as many AudioParams as an equalizer of ten bands: what no node can be cheaper than.
registerProcessor('empty', class extends AudioWorkletProcessor {
  static get parameterDescriptors() {
    return Array.from({ length: 40 }, (_, place) => ({ name: `parameter${place}`, defaultValue: 0 }));
  }

  process([input], [output]) {
    for (let channel = 0; channel < output.length; channel += 1) output[channel].set(input[channel] ?? input[0]);
    return true;
  }
});
