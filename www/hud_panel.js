// What the engine's monitor tells: in one line, or all of it.

import { showError } from './messages.js';
import { byId } from './page.js';

const hud = byId('hud');
const size = byId('hud-size');

/** The display's colours are those of the page's theme, not of the system's. */
function followTheme() {
  hud.setAttribute('theme', document.documentElement.dataset.theme);
}

/** Shows what is known of `engine`; with `isOpen` all of it, and at once. */
export async function startHud(engine, isOpen) {
  addEventListener('themechange', followTheme);
  followTheme();
  if (isOpen) size.value = 'full';
  const apply = () => hud.setAttribute('size', size.value);
  size.addEventListener('change', apply);
  apply(); // what the browser has kept over a reload
  hud.addEventListener('error', ({ detail }) => showError(detail));
  try {
    await import('./rusty-audio/hud/index.js');
  } catch (error) {
    showError(error);
    return;
  }
  await hud.attach(engine);
  if (isOpen) byId('hud-section').scrollIntoView();
}
