// Sends every message back.

onmessage = ({ data: port }) => {
  port.onmessage = () => port.postMessage(null);
  postMessage('ready');
};
