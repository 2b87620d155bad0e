// Lets every node of the engine's that is registered later leave stamps in the browser's trace, around each quantum.

const register = registerProcessor;

globalThis.registerProcessor = (name, Processor) => register(name, name.startsWith('rusty-audio-registrar') ? Processor : class extends Processor {
  process(...given) {
    console.timeStamp('begun');
    const lives = super.process(...given);
    console.timeStamp('done');
    return lives;
  }
});
