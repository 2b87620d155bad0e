// All transforms in one worker.

/** What the worker answers to `request`. */
globalThis.ask = (request) => new Promise((resolve, reject) => {
  const worker = new Worker('worker.js', { type: 'module' });
  worker.onmessage = ({ data }) => resolve(data);
  worker.onerror = (event) => reject(new Error(event.message));
  worker.postMessage(request);
});
globalThis.ready = true;
