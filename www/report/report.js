// An example for production: the figures of a page's audio go to a collector every minute, and a last time when the page is left.

import { Engine } from '../rusty-audio/index.js';
import { byId, setText } from '../page.js';

const query = new URLSearchParams(location.search);
const collector = query.get('collector');
const intervalSeconds = Number(query.get('seconds') ?? 60);
let reports = 0;

function post(report) {
  const text = JSON.stringify(report, null, 1);
  // The browser sends it even if the page goes away meanwhile; false says that it has too much to send.
  const taken = collector ? navigator.sendBeacon(collector, new Blob([text], { type: 'application/json' })) : true;
  reports += taken ? 1 : 0;
  setText(byId('report'), text);
  setText(byId('told'), `${reports} ${reports === 1 ? 'report' : 'reports'}. ${report.verdict}`);
}

async function start() {
  byId('start').disabled = true;
  try {
    const context = new AudioContext();
    const engine = await Engine.create(context);
    const node = await engine.createNode({ effects: ['gain', 'limiter'] });
    const tone = new OscillatorNode(context, { frequency: 220 });
    tone.connect(new GainNode(context, { gain: 0.05 })).connect(node).connect(context.destination);
    tone.start();
    await context.resume();
    engine.on('report', post, { intervalSeconds });
    // The only event that also phones send when a page is left.
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'hidden') post(engine.monitor.report());
    });
    setText(byId('told'), `The first report comes after ${intervalSeconds} s.`);
  } catch (error) {
    byId('start').disabled = false;
    setText(byId('told'), `${error.message} ${error.advice ?? ''}`);
  }
}

byId('start').addEventListener('click', start);
