// The queue: what plays, what follows, what is known of each track.

import { makeElement, makeIconButton, setText } from './page.js';
import { clockText, formatLine } from './wording.js';

/** Keeps `list` in step with the queue of `player`. */
export function bindQueueList(list, player) {
  const items = new Map();

  function makeItem(track) {
    const item = document.createElement('li');
    const play = makeElement('button', 'queue-play');
    play.type = 'button';
    const name = makeElement('span', 'queue-name');
    const length = makeElement('span', 'queue-length figures');
    const format = makeElement('span', 'queue-format');
    play.append(name, length, format);
    play.addEventListener('click', () => player.playTrack(track));

    const remove = makeIconButton('remove', `Remove ${track.name}`, 'queue-remove');
    remove.addEventListener('click', () => {
      const neighbour = item.nextElementSibling ?? item.previousElementSibling;
      player.remove(track);
      neighbour?.querySelector('.queue-play').focus();
    });

    const notes = makeElement('ul', 'queue-notes');
    item.append(play, remove, notes);
    return { item, name, length, format, notes, play };
  }

  function fill(parts, track) {
    const current = track === player.track;
    parts.item.classList.toggle('is-current', current);
    parts.item.classList.toggle('is-failed', Boolean(track.error));
    if (current) parts.play.setAttribute('aria-current', 'true');
    else parts.play.removeAttribute('aria-current');
    setText(parts.name, track.name);
    const known = Number.isFinite(track.duration);
    setText(parts.length, known ? `${track.durationExact ? '' : '≈ '}${clockText(track.duration)}` : '');
    setText(parts.format, formatLine(track) || (track.error ? '' : 'waiting to be opened'));
    const lines = [...track.notes];
    if (track.error) lines.unshift(track.error.message);
    parts.notes.replaceChildren(...lines.map((line) => makeElement('li', '', line)));
    parts.notes.hidden = lines.length === 0;
  }

  function show() {
    const { queue } = player;
    for (const [track, parts] of items) {
      if (!queue.includes(track)) {
        parts.item.remove();
        items.delete(track);
      }
    }
    queue.forEach((track, index) => {
      if (!items.has(track)) items.set(track, makeItem(track));
      const parts = items.get(track);
      fill(parts, track);
      if (list.children[index] !== parts.item) list.insertBefore(parts.item, list.children[index] ?? null);
    });
  }

  for (const type of ['queuechange', 'trackchange', 'loadedmetadata', 'durationchange', 'error']) {
    player.addEventListener(type, show);
  }
  show();
}
