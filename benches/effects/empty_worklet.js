// Nodes that hand their input on: what no node with as many AudioParams can be cheaper than. Forty are an equalizer of ten bands.
for (const count of [0, 40]) {
  registerProcessor(`empty${count}`, class extends AudioWorkletProcessor {
    static get parameterDescriptors() {
      return Array.from({ length: count }, (_, place) => ({ name: `parameter${place}`, defaultValue: 0 }));
    }

    process([input], [output]) {
      for (let channel = 0; channel < output.length; channel += 1) output[channel].set(input[channel] ?? input[0]);
      return true;
    }
  });
}
