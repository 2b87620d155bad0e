// The spectrum of all that is heard, and what can be chosen about it.

import { showError } from './messages.js';
import { byId, setText } from './page.js';

const DRAWN_WITH = { webgpu: 'drawn with WebGPU', canvas: 'drawn with Canvas 2D' };

const view = byId('spectrum');
const backend = byId('spectrum-backend');

/** The view's colours are those of the page's theme, not of the system's. */
function followTheme() {
  view.setAttribute('theme', document.documentElement.dataset.theme);
}

/** Shows what `source` gives, with spectra of the engine's workers. */
export async function startSpectrum(engine, source) {
  addEventListener('themechange', followTheme);
  followTheme();
  for (const select of document.querySelectorAll('.spectrum-settings [data-setting]')) {
    const { setting } = select.dataset;
    const apply = () => view.setAttribute(setting, select.value);
    select.addEventListener('change', apply);
    apply(); // what the browser has kept over a reload
  }
  view.addEventListener('error', ({ detail }) => showError(detail));
  view.addEventListener('backendchange', ({ detail }) => {
    setText(backend, DRAWN_WITH[detail.backend]);
    backend.title = detail.reason;
  });
  try {
    await import('./rusty-audio/spectrum/index.js');
  } catch (cause) {
    setText(backend, `The spectrum’s script did not load (${cause.message}).`);
    return;
  }
  view.engine = engine;
  view.source = source;
}
