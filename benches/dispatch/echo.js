// Sends back every message of a port, or every number that it is woken for. Waits as long as the pool's timekeeper
// does, since the wake-up of a timed wait takes longer.

const THERE = 0;
const BACK = 32;
const TICK_MS = 1;

function echoNumbers(words) {
  for (let seen = 0; ; seen = Atomics.load(words, THERE)) {
    Atomics.store(words, BACK, seen);
    Atomics.notify(words, BACK);
    while (Atomics.wait(words, THERE, seen, TICK_MS) === 'timed-out');
  }
}

onmessage = ({ data: { port, numbers } }) => {
  postMessage('ready');
  if (numbers) echoNumbers(new Int32Array(numbers));
  port.onmessage = () => port.postMessage(null);
};
