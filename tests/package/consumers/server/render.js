// What a server renders of a page: it imports all of the package and makes nothing of it.
import { Engine, PlayerNode } from 'rusty-audio';
import { LatencyHud } from 'rusty-audio/hud';
import { Monitor } from 'rusty-audio/monitor';
import { SpectrumView } from 'rusty-audio/spectrum';

export const render = () => `<p>${[Engine, PlayerNode, Monitor, LatencyHud, SpectrumView].map(({ name }) => name).join(' ')}</p>`;
