// The whole window takes files and links, dropped or pasted.

import { byId } from './page.js';

const veil = byId('drop-veil');

function carriesSource(transfer) {
  return transfer.types.includes('Files') || transfer.types.includes('text/uri-list');
}

function sourcesOf(transfer) {
  const files = [...transfer.files];
  if (files.length > 0) return files;
  return transfer
    .getData('text/uri-list')
    .split(/\r?\n/)
    .filter((line) => line && !line.startsWith('#'));
}

/** Hands what is dropped on or pasted into the page to `opening`. */
export function bindDropZone(opening) {
  // Entering a child fires before leaving its parent: the veil goes when as many have left as entered.
  let depth = 0;
  function lift() {
    depth = 0;
    veil.hidden = true;
  }

  addEventListener('dragenter', (event) => {
    if (!carriesSource(event.dataTransfer)) return;
    event.preventDefault();
    depth += 1;
    veil.hidden = false;
  });
  addEventListener('dragover', (event) => {
    if (!carriesSource(event.dataTransfer)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = 'copy';
  });
  addEventListener('dragleave', () => {
    depth -= 1;
    if (depth <= 0) lift();
  });
  addEventListener('drop', (event) => {
    if (!carriesSource(event.dataTransfer)) return;
    event.preventDefault();
    lift();
    opening.open(sourcesOf(event.dataTransfer));
  });
  addEventListener('paste', (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    opening.open(files);
  });
}
