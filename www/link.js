// What the page is set to, as its address: whoever opens it finds the same. `?preset=` has the rack, `?file=` what is opened,
// `?mode=solo` how the engine runs, `?hud=1` that all of the latency display is shown.

import { byId } from './page.js';
import { knownPreset } from './preset_panel.js';
import { BUNDLED_TRACK } from './bundled_track.js';

// Browsers refuse more than a hundred changes of the address in half a minute.
const SETTLE_MS = 500;

/** The address of the page as it is now. */
function address({ rack, player }) {
  const link = new URL(location.href);
  const { searchParams } = link;
  const known = knownPreset(rack);
  if (known === rack.presets[0]) searchParams.delete('preset');
  else searchParams.set('preset', known?.name ?? JSON.stringify(rack.preset));

  const source = player.track?.source;
  // A person's own file has no address; what the page was opened with stays until something else has one.
  if (typeof source === 'string' && !source.startsWith('blob:')) {
    if (source === new URL(BUNDLED_TRACK.address, document.baseURI).href) searchParams.delete('file');
    else searchParams.set('file', source);
  }

  if (byId('hud-size').value === 'full') searchParams.set('hud', '1');
  else searchParams.delete('hud');
  return link;
}

/** Keeps the address bar in step with the page; returns what tells the address. */
export function keepLink(rack, player) {
  const link = () => address({ rack, player }).href;
  let timer = null;
  const later = () => {
    timer ??= setTimeout(() => {
      timer = null;
      if (link() !== location.href) history.replaceState(history.state, '', link());
    }, SETTLE_MS);
  };
  rack.addEventListener('change', later);
  player.addEventListener('trackchange', later);
  byId('hud-size').addEventListener('change', later);
  return link;
}
