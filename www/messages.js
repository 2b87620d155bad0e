// What went wrong, in a panel that never stands in the way, and what changed, for a screen reader.

import { byId, makeElement, makeIconButton } from './page.js';

const PANELS = 3;

const list = byId('messages');
const announcement = byId('announcement');

/** Says `text` to a screen reader without showing it. */
export function announce(text) {
  announcement.textContent = text;
}

/**
 * Shows an error: its code, what happened and what to do. An abort is nobody's error and is not shown;
 * the same error twice is shown once. `retry`, when given, becomes a button.
 */
export function showError(error, { retry } = {}) {
  const code = error.code ?? error.name ?? 'error';
  if (code === 'aborted' || error.name === 'AbortError') return;
  const name = error.track?.name;
  const text = name && !error.message.includes(name) ? `${name}: ${error.message}` : error.message;
  const identity = `${code} ${text}`;
  for (const panel of list.children) {
    if (panel.dataset.identity === identity) return;
  }

  const panel = makeElement('div', 'message');
  panel.dataset.identity = identity;
  panel.dataset.code = code;
  panel.setAttribute('role', 'alert');
  const body = makeElement('div', 'message-body');
  body.append(makeElement('p', 'message-text', text));
  if (error.advice) body.append(makeElement('p', 'message-advice', error.advice));
  body.append(makeElement('code', 'message-code', code));
  panel.append(body);

  if (retry) {
    const again = makeElement('button', 'text-button', 'Try again');
    again.type = 'button';
    again.addEventListener('click', () => {
      panel.remove();
      retry();
    });
    panel.append(again);
  }
  const close = makeIconButton('remove', 'Dismiss this message');
  close.addEventListener('click', () => panel.remove());
  panel.append(close);

  list.prepend(panel);
  while (list.children.length > PANELS) list.lastElementChild.remove();
}

/** Takes all errors away: whoever opens the next file has read them, and the queue keeps those of its tracks. */
export function clearErrors() {
  list.replaceChildren();
}
