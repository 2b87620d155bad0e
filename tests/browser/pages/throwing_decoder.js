// A decode worker that throws when it is told to.
importScripts('../package/decode-worker.js');
new BroadcastChannel('fault').onmessage = () => {
  throw new Error('thrown on purpose');
};
