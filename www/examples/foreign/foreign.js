// An example: the latency display beside an application that has no engine of ours.

import '../../rusty-audio/hud/index.js';
import { byId, setText } from '../../page.js';
import { Drums } from './drums.js';

const BLOCK_MS = 1000;
const hud = byId('hud');

function followTheme() {
  hud.setAttribute('theme', document.documentElement.dataset.theme);
}

async function start() {
  byId('start').disabled = true;
  try {
    const drums = new Drums();
    await drums.start();
    await hud.attach(drums.context);
    byId('block').disabled = false;
    setText(byId('told'), 'The drums are scheduled 0.3 s ahead of the sound.');
  } catch (error) {
    byId('start').disabled = false;
    setText(byId('told'), `${error.message} ${error.advice ?? ''}`);
  }
}

function block() {
  const end = performance.now() + BLOCK_MS;
  while (performance.now() < end);
  setText(byId('told'), 'The main thread stood still for a second: the display tells what was heard of it.');
}

byId('start').addEventListener('click', start);
byId('block').addEventListener('click', block);
addEventListener('themechange', followTheme);
followTheme();
