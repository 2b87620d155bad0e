// From a bare page to a player that is ready, with its progress shown.

import { announce } from './messages.js';
import { byId } from './page.js';
import { Rack } from './rack.js';

const LOAD_LIMIT_S = 30;

const playButton = byId('play-button');
const heading = byId('track-name');
const detail = byId('track-format');
let announced = '';

function showProgress({ stage, loaded, total }) {
  const share = total > 0 ? Math.min(1, loaded / total) : 0;
  playButton.style.setProperty('--loaded', String(share * 100));
  detail.textContent = `Starting: ${stage} · ${Math.round(share * 100)} %`;
  if (stage === announced) return;
  announced = stage;
  announce(stage);
}

/**
 * Loads the package, starts an engine and makes a player, connected to the speakers by way of a rack of effects.
 * `mode` is `auto` or `solo`. Throws what the package throws, and a coded error when the package itself is missing.
 */
export async function startEngine(mode) {
  heading.textContent = 'Getting ready';
  playButton.classList.add('is-loading');
  showProgress({ stage: 'package', loaded: 0, total: 1 });
  let context = null;
  try {
    const presets = loadPresets();
    const { Engine, isolate, EQUALIZER_TYPES: equalizerTypes } = await withinLimit(loadPackage());
    // Where the host sends no headers the page is loaded once again for shared mode; until then there is solo mode.
    if (mode === 'auto') isolate();
    const AudioContext = globalThis.AudioContext ?? globalThis.webkitAudioContext;
    if (!AudioContext) {
      throw startError('no-audio-context', 'This browser has no AudioContext.', 'Use Chrome, Firefox or Safari of the last years.');
    }
    // Made suspended where the browser asks for a gesture first; `play` resumes it.
    context = new AudioContext({ latencyHint: 'interactive' });
    const engine = await Engine.create(context, { mode, onprogress: showProgress });
    const [player, rack] = await Promise.all([engine.createPlayer(), presets.then((list) => Rack.create(engine, list))]);
    player.connect(rack.node).connect(context.destination);
    resumeOnGesture(context, player);
    return { engine, player, rack, equalizerTypes };
  } catch (error) {
    // Not closed: WebKit may stop at that while it runs.
    context?.suspend();
    heading.textContent = 'Not started';
    detail.textContent = 'The message above says why.';
    throw error;
  } finally {
    playButton.classList.remove('is-loading');
  }
}

/** A drop is no gesture to a browser: what was opened that way starts with the next click or key. */
function resumeOnGesture(context, player) {
  for (const type of ['pointerup', 'keydown']) {
    addEventListener(type, () => {
      if (!player.paused && context.state === 'suspended') context.resume();
    });
  }
}

/** The presets that come with the page, the first of which is what it begins with. */
async function loadPresets() {
  const answer = await fetch('presets.json').catch(() => null);
  if (!answer?.ok) throw startError('presets-missing', 'The presets of the page did not load.', 'Reload the page.');
  return answer.json();
}

/** The package, with its host module loaded. */
async function loadPackage() {
  const loaded = await import('./rusty-audio/index.js').catch((cause) => {
    throw startError('package-missing', `The engine’s script rusty-audio/index.js did not load (${cause.message}).`, 'Build the page with scripts/demo.sh, or reload it.');
  });
  await loaded.Engine.support();
  return loaded;
}

/** What `loading` resolves to; rejected when that takes too long. From then on the package has a limit of its own. */
function withinLimit(loading) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(startError('start-timeout', `The engine’s host module did not load within ${LOAD_LIMIT_S} s.`, 'Check the connection and try again.'));
    }, LOAD_LIMIT_S * 1000);
    loading.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

function startError(code, message, advice) {
  return Object.assign(new Error(message), { code, advice });
}
