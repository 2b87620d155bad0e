// Files, drops and addresses on their way into the queue.

import { clearErrors, showError } from './messages.js';
import { byId } from './page.js';

/**
 * Puts sources into the queue and plays the first new one. What a person opens while the engine is still
 * loading waits for it.
 */
export class SourceOpening {
  #player = null;
  #waiting = [];

  /** Opens `sources`: `Blob`s or addresses. */
  async open(sources) {
    if (sources.length === 0) return;
    const player = this.#player;
    if (!player) {
      this.#waiting.push(...sources);
      return;
    }
    clearErrors();
    const known = new Set(player.queue);
    for (const source of sources) enqueue(player, source);
    const first = player.queue.find((track) => !known.has(track));
    if (!first) return;
    if (player.track !== first) player.playTrack(first);
    try {
      await player.play();
    } catch (error) {
      showError(error);
    }
  }

  /** Makes `source` the only one, ready to be played. */
  load(source, name) {
    this.#player.load(source, { name }).catch(showUntold);
  }

  /** From now on sources go to `player`; true if some were waiting. */
  attach(player) {
    this.#player = player;
    const waiting = this.#waiting.splice(0);
    this.open(waiting);
    return waiting.length > 0;
  }
}

/** Queues `source`. Whether it can be opened shows later. */
function enqueue(player, source) {
  player.enqueue(source, { name: sourceName(source) }).catch(showUntold);
}

/** A track that cannot be opened is told by the player's `error` event. What is no address at all becomes no track. */
function showUntold(error) {
  if (error.code === 'invalid-url') showError(error);
}

/** File name, or the last part of an address, as a person would read it. */
export function sourceName(source) {
  if (source instanceof Blob) return source.name ?? 'Untitled';
  try {
    const { pathname, hostname } = new URL(source, document.baseURI);
    return decodeURIComponent(pathname.split('/').filter(Boolean).pop() ?? hostname);
  } catch {
    return source;
  }
}

/** Connects the file picker and the address field. */
export function bindOpenControls(opening) {
  const picker = byId('file-input');
  const form = byId('address-form');
  byId('open-button').addEventListener('click', () => picker.click());
  picker.addEventListener('change', () => {
    opening.open([...picker.files]);
    picker.value = ''; // so that the same file can be chosen again
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const address = form.elements.address.value.trim();
    if (!address) {
      form.elements.address.focus();
      return;
    }
    opening.open([address]);
    form.reset();
  });
}
