// The microphone into the rack. Whoever turns it on is told first what a loudspeaker would do.

import { announce, showError } from './messages.js';
import { byId, setText } from './page.js';

// What a telephone does to a voice would be heard before any effect.
const CONSTRAINTS = { audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false } };

const ADVICE = {
  NotAllowedError: ['microphone-refused', 'The browser does not give this page the microphone.', 'Allow it in the site’s settings, beside the address.'],
  NotFoundError: ['no-microphone', 'There is no microphone.', 'Connect one and try again.'],
};

const button = byId('microphone-button');
const warning = byId('microphone-warning');

/** Lets a person turn the microphone on, into `destination`, the rack's input. */
export function bindMicrophone(context, destination) {
  let open = null;

  function show() {
    button.setAttribute('aria-pressed', String(open !== null));
    setText(button, open ? 'Turn the microphone off' : 'Turn the microphone on');
  }

  function turnOff() {
    open?.source.disconnect();
    for (const track of open?.stream.getTracks() ?? []) track.stop();
    open = null;
    show();
    announce('Microphone off');
  }

  async function turnOn() {
    try {
      if (!navigator.mediaDevices) throw new DOMException('', 'NotAllowedError');
      const stream = await navigator.mediaDevices.getUserMedia(CONSTRAINTS);
      open = { stream, source: new MediaStreamAudioSourceNode(context, { mediaStream: stream }) };
      open.source.connect(destination);
      stream.getAudioTracks()[0].addEventListener('ended', turnOff); // it was unplugged
      await context.resume();
      show();
      announce('Microphone on');
    } catch (error) {
      const [code, message, advice] = ADVICE[error.name] ?? [error.code ?? 'microphone-failed', error.message, 'Try again, or another microphone.'];
      showError({ code, message, advice });
    }
  }

  button.addEventListener('click', () => {
    if (open) turnOff();
    else warning.showModal();
  });
  warning.addEventListener('close', () => {
    if (warning.returnValue === 'on') turnOn();
    warning.returnValue = '';
  });
  button.disabled = false;
  show();
}
