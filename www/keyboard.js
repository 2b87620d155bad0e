// Everything by keyboard, and the list that says so.

import { byId } from './page.js';
import { LEAP_S, STEP_S } from './transport.js';

const SHORTCUTS = [
  { keys: [' '], label: 'Space', says: 'Play or pause', act: (t) => t.togglePlay() },
  { keys: ['ArrowLeft'], label: '←', says: `Back ${STEP_S} seconds`, act: (t) => t.seekBy(-STEP_S) },
  { keys: ['ArrowRight'], label: '→', says: `Forward ${STEP_S} seconds`, act: (t) => t.seekBy(STEP_S) },
  { keys: ['ArrowLeft'], shift: true, label: 'Shift ←', says: `Back ${LEAP_S} seconds`, act: (t) => t.seekBy(-LEAP_S) },
  { keys: ['ArrowRight'], shift: true, label: 'Shift →', says: `Forward ${LEAP_S} seconds`, act: (t) => t.seekBy(LEAP_S) },
  { keys: ['Home'], label: 'Home', says: 'To the start', act: (t) => t.seekTo(0) },
  { keys: ['End'], label: 'End', says: 'To the end', act: (t) => t.seekToEnd() },
  { keys: ['ArrowUp'], label: '↑', says: 'Louder', act: (t) => t.louder() },
  { keys: ['ArrowDown'], label: '↓', says: 'Quieter', act: (t) => t.quieter() },
  { keys: ['m'], label: 'M', says: 'Mute', act: (t) => t.toggleMute() },
  { keys: ['l'], label: 'L', says: 'Loop this track', act: (t) => t.toggleLoop() },
  { keys: ['n'], label: 'N', says: 'Next track', act: (t) => t.next() },
  { keys: ['p'], label: 'P', says: 'Previous track', act: (t) => t.previous() },
  { keys: ['t'], label: 'T', says: 'Say the time (screen reader)', act: (t) => t.sayPosition() },
  { keys: ['o'], label: 'O', says: 'Open files', act: () => byId('open-button').click() },
  { keys: ['?'], anyShift: true, label: '?', says: 'This list', act: () => byId('help').showModal() },
];

const help = byId('help');

/** Whether `event` belongs to the element that has the focus rather than to the page. */
function belongsToFocus(event) {
  // Of an element with a shadow the one inside.
  const [focus] = event.composedPath();
  if (!(focus instanceof Element)) return false;
  if (focus.closest('textarea, select, [contenteditable]')) return true;
  if (focus.matches('input:not([type=range])')) return true;
  if (event.key === ' ') return focus.matches('button, a[href], summary');
  // On the sliders of volume and room, arrows and Home and End are the slider's; the position slider has the page's keys.
  return focus.matches('.slider') && /^(Arrow|Home|End)/.test(event.key);
}

function fillHelp() {
  const list = byId('shortcut-list');
  for (const { label, says } of SHORTCUTS) {
    const row = document.createElement('div');
    const term = document.createElement('dt');
    const key = document.createElement('kbd');
    const meaning = document.createElement('dd');
    key.textContent = label;
    meaning.textContent = says;
    term.append(key);
    row.append(term, meaning);
    list.append(row);
  }
}

/** Listens for the shortcuts; `transport()` returns the actions, or null before there is a player. */
export function bindKeyboard(transport) {
  fillHelp();
  byId('help-button').addEventListener('click', () => help.showModal());
  help.addEventListener('click', (event) => {
    if (event.target === help) help.close(); // the backdrop
  });

  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    // A spectrum that has the focus has keys of its own.
    if (event.defaultPrevented || help.open || belongsToFocus(event)) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const shortcut = SHORTCUTS.find((s) => s.keys.includes(key) && (s.anyShift || Boolean(s.shift) === event.shiftKey));
    if (!shortcut) return;
    const actions = transport();
    if (!actions && shortcut.act.length > 0) return;
    event.preventDefault();
    if (event.repeat && key === ' ') return;
    shortcut.act(actions);
  });
}
