// Sends back every message of a port, or every number that it is woken for.

const THERE = 0;
const BACK = 32;

function echoNumbers(words) {
  for (let seen = 0; ; seen = Atomics.load(words, THERE)) {
    Atomics.store(words, BACK, seen);
    Atomics.notify(words, BACK);
    Atomics.wait(words, THERE, seen);
  }
}

onmessage = ({ data: { port, numbers } }) => {
  postMessage('ready');
  if (numbers) echoNumbers(new Int32Array(numbers));
  port.onmessage = () => port.postMessage(null);
};
