// The decode worker. The build puts the glue of the module, which declares `wasm_bindgen`, in front of this
// file. The first message is the address of its module, which starts to load at once; all others go to the module as they are.
'use strict';

(() => {
  const early = [];

  // Its last word: another worker may write where it wrote.
  const fail = (code, message) => {
    self.postMessage({ type: 'broken', failure: { code, message } });
    self.close();
  };

  const start = async (address) => {
    let response;
    try {
      response = await fetch(address);
    } catch (error) {
      return fail('asset-failed', `${address} could not be loaded: ${error}.`);
    }
    if (!response.ok) {
      return fail('asset-not-found', `The server answered ${response.status} for ${address}.`);
    }
    try {
      const module = await WebAssembly.compile(await response.arrayBuffer());
      wasm_bindgen.initSync({ module });
    } catch (error) {
      return fail('asset-failed', `${address} could not be compiled: ${error}.`);
    }
    // From here on the module has set its own listener.
    wasm_bindgen.startDecodeWorker(early);
  };

  self.onmessage = ({ data: address }) => {
    self.onmessage = ({ data }) => early.push(data);
    start(address);
  };

  self.addEventListener('error', ({ message }) => fail('worker-failed', `The decode worker threw: ${message}.`));
  self.addEventListener('unhandledrejection', ({ reason }) => fail('worker-failed', `The decode worker threw: ${reason}.`));
})();
