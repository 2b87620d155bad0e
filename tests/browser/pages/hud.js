// Displays of a monitor that says what the tests want. They reach it as `hud`; what crosses to them is plain data.

// Before anything asks for them: who waits for what, and who writes to the clipboard.
const waits = { timers: 0, frames: 0 };
for (const [name, kind] of [['setTimeout', 'timers'], ['setInterval', 'timers'], ['requestAnimationFrame', 'frames']]) {
  const native = globalThis[name].bind(globalThis);
  globalThis[`plain_${name}`] = native;
  globalThis[name] = (...given) => {
    waits[kind] += 1;
    return native(...given);
  };
}

const { FIGURES, ROWS } = await import('../package/schema.js');
await import('../package/hud/index.js');
const text = await import('../package/hud/text.js');
const { Monitor } = await import('../package/monitor.js');
const { close: closeContext } = await import('./closing.js');

const LIMIT_MS = 15_000;
const LEVELS = ['good', 'warning', 'bad', 'unknown'];
const LONG = 'Unterbrechungsfreiheitsüberwachungsergebnismitteilung'.repeat(3);

const wait = (seconds) => new Promise((resolve) => { globalThis.plain_setTimeout(resolve, seconds * 1000); });

async function until(condition, what) {
  const end = performance.now() + LIMIT_MS;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`after ${LIMIT_MS / 1000} s: ${what}`);
    await wait(0.02);
  }
}

/** Figures that are all known, and plausible. */
const KNOWN = {
  deviceLostMilliseconds: 21.3, deviceLostShare: 0.00031, deviceUnderruns: 2, gaps: 1, lastGapMilliseconds: 41, worstGapMilliseconds: 41,
  callbackMilliseconds: 10, gapThresholdMilliseconds: 33, starvedFrames: 0, starvations: 0, ringMilliseconds: 9840, ringLowMilliseconds: 6210,
  ringHighMilliseconds: 10_720, ringTargetMilliseconds: 10_500, ringCapacityMilliseconds: 10_923, jobP50Milliseconds: 0.18, jobP95Milliseconds: 0.61,
  jobP99Milliseconds: 1.42, jobMaxMilliseconds: 4.87, jobsLate: 3, jobsRefused: 0, load: 0.112, loadPeak: 0.31, workersWorking: 2, workerRestarts: 1,
  busiestWorker: 0.084, longestTaskMilliseconds: 84, frameP95Milliseconds: 17.4, droppedFrames: 6, latencyMilliseconds: 44.2, engineLatencyMilliseconds: 1.5,
  baseLatencyMilliseconds: 10.7, outputLatencyMilliseconds: 32, latencyLowMilliseconds: 42, latencyHighMilliseconds: 53, roundTripMilliseconds: 61.4,
  driftPpm: -12.3, clockSteps: 0, lastClockStepMilliseconds: NaN, memoryUsedBytes: 11_400_000, memoryTotalBytes: 20_971_520, heapBytes: 9_300_000,
  pictureCpuMilliseconds: 0.34, pictureGpuMilliseconds: 1.2,
  notFiniteSamples: 0, denormalSamples: 1204, clippedSamples: 37, faults: 1, worstRecoveryMilliseconds: 118,
};

const START = new Date(2026, 10, 28, 13, 45, 2).getTime();

const QUIET = {
  verdict: 'Nothing has sounded yet.', level: 'unknown', since: START, format: '', states: [], workers: [], underruns: [], jobLatencies: [], faults: [],
};

const worker = (jobs, more = {}) => ({
  state: 'working', busyShare: 0.084, jobs, claimedJobs: 0, keepsTime: false, restarts: 0, lastExitReason: null, replacementMilliseconds: null,
  executionMilliseconds: {}, ...more,
});

const EVENTFUL = {
  verdict: '3 dropouts in 12 min, the last one 14 s ago: a worker was late.',
  level: 'warning',
  since: START,
  format: '48 000 Hz, quanta of 128 frames, stereo, shared memory, isolated, SIMD, 2 workers of 4 cores',
  states: [{ state: 'suspended', at: START }, { state: 'running', at: START + 800 }],
  workers: [
    worker(20_412, { keepsTime: true }),
    worker(18_377, { restarts: 1, lastExitReason: 'It sent no sign of life for 150 ms.', replacementMilliseconds: 164 }),
  ],
  underruns: [
    { kind: 'gap', cause: 'pageFrozen', at: START + 61_000, milliseconds: 41, amount: 41 },
    { kind: 'jobs', cause: 'workerLate', at: START + 93_000, milliseconds: 2.7, amount: 3 },
    { kind: 'device', cause: 'deviceStalled', at: START + 122_000, milliseconds: 21.3, amount: 2 },
  ],
  jobLatencies: [2, 14, 480, 9120, 3300, 410, 62, 9, 1].map((count, place) => ({ fromMilliseconds: 0.03125 * 2 ** place, count })),
  faults: [{ code: 'audio-thread-fault', message: 'The audio thread trapped: memory access out of bounds.', at: START + 140_000, recoveryMilliseconds: 118 }],
};

/** More of everything than there is room for, in words that do not break. */
const EXCESSIVE = {
  ...EVENTFUL,
  verdict: LONG,
  level: 'bad',
  format: LONG,
  states: Array.from({ length: 32 }, (_, index) => ({ state: index % 2 ? 'running' : 'interrupted', at: START + 1000 * index })),
  workers: Array.from({ length: 8 }, () => worker(123_456_789, { lastExitReason: LONG })),
  underruns: Array.from({ length: 64 }, (_, index) => ({
    kind: ['starvation', 'jobs', 'device', 'gap'][index % 4], cause: index % 3 ? 'audioThreadOverloaded' : null,
    at: START + 1000 * index, milliseconds: 1e6 + index, amount: 1e7 + index,
  })),
  faults: Array.from({ length: 64 }, (_, index) => ({
    code: 'audio-thread-fault', message: LONG, at: START + 1000 * index, recoveryMilliseconds: index % 2 ? null : 118,
  })),
};

const STATES = { quiet: QUIET, eventful: EVENTFUL, excessive: EXCESSIVE };

/** A monitor of a page's own: it says what `figures` and `words` have. */
class FakeMonitor {
  figures = {};
  words = QUIET;
  watchers = 0;
  resets = 0;
  reads = 0;
  traced = '{"traceEvents":[]}';
  context = null;

  readFigures(target) {
    this.reads += 1;
    FIGURES.forEach(({ name }, place) => { target[place] = this.figures[name] ?? NaN; });
  }

  state() { return this.words; }
  report() { return { figures: this.figures, verdict: this.words.verdict }; }
  trace() { return this.traced; }
  reset() { this.resets += 1; this.words = { ...this.words, since: START + 3_600_000 }; }
  close() {}

  watch() {
    this.watchers += 1;
    let isWatching = true;
    return () => {
      if (isWatching) this.watchers -= 1;
      isWatching = false;
    };
  }
}

const forbidden = [];
document.addEventListener('securitypolicyviolation', ({ violatedDirective, sample }) => forbidden.push(`${violatedDirective}: ${sample}`));

let hud;
let monitor;

/** A display in place of the last one. `given`: attributes, `figures`, `state`, `narrow`, and whether its rows are explained. */
async function show({ figures = 'known', state = 'eventful', narrow = false, explained = false, ...attributes } = {}) {
  hud?.remove();
  monitor = new FakeMonitor();
  monitor.figures = figures === 'known' ? { ...KNOWN } : figures;
  monitor.words = STATES[state];
  hud = document.createElement('latency-hud');
  for (const [name, value] of Object.entries(attributes)) hud.setAttribute(name, value);
  hud.classList.toggle('narrow', narrow);
  hud.monitor = monitor;
  document.querySelector('main').append(hud);
  const style = hud.shadowRoot.querySelector('link');
  if (!style.sheet) await new Promise((resolve, reject) => { style.onload = resolve; style.onerror = reject; });
  if (explained) button('Explain')?.click();
  const { updates } = hud.statistics;
  await until(() => hud.statistics.updates > updates + 3, 'the display is brought up to date');
}

const find = (selector) => hud.shadowRoot.querySelector(selector);
const all = (selector) => [...hud.shadowRoot.querySelectorAll(selector)];
const row = (name) => find(`[data-row="${name}"]`);

/** The text of an element without what is hidden and without parts of a kind. */
function textOf(element, without) {
  if (element.nodeType === Node.TEXT_NODE) return element.data;
  if (getComputedStyle(element).display === 'none' || element.matches(without)) return '';
  return [...element.childNodes].map((child) => textOf(child, without)).join(element.children.length > 0 ? ' ' : '');
}
const spaced = (words) => words.replace(/[^\S\u202f]+/g, ' ').trim();
const seenIn = (element) => spaced(textOf(element, '.spoken'));
const spokenIn = (element) => spaced(textOf(element, '[aria-hidden=true]'));

/** After the texts have been written anew. */
async function written() {
  const { updates } = hud.statistics;
  await until(() => hud.statistics.updates > updates + 5, 'texts are written');
}

const button = (label) => all('button').find(({ textContent }) => textContent === label);

window.hud = {
  rows: ROWS.map(({ name }) => name),

  show,

  /** What each row says, by name. */
  async said() {
    await written();
    return Object.fromEntries(all('[data-row]').map((element) => [element.dataset.row, seenIn(element)]));
  },

  /** The figures by name: what is seen of each, and how it is marked. */
  async figures() {
    await written();
    return Object.fromEntries(all('[data-figure]').map((element) => {
      const value = element.querySelector('dd');
      return [element.dataset.figure, { text: seenIn(value), spoken: spokenIn(value), quality: element.dataset.quality, title: value.title }];
    }));
  },

  /** Changes what the monitor says. */
  set(figures, words = {}) {
    Object.assign(monitor.figures, figures);
    monitor.words = { ...monitor.words, ...words };
  },

  /** Rows whose content is wider than they are, and how wide the page is. */
  async overflow() {
    await written();
    const { right } = hud.getBoundingClientRect();
    const outside = all('*').filter((element) => {
      const box = element.getBoundingClientRect();
      return box.width > 0 && !element.closest('svg') && !element.classList.contains('spoken') && box.right > right + 0.5;
    });
    return outside.map((element) => `${element.tagName}.${element.className}: ${element.textContent.slice(0, 40)}`);
  },

  /** Updates in so many seconds, and how many of them wrote into the document. */
  async updatesIn(seconds) {
    const { updates } = hud.statistics;
    const began = performance.now();
    const texts = new Set();
    const observer = new MutationObserver((records) => {
      // All that is written together is told of together.
      if (records.some(({ type }) => type === 'childList')) texts.add(performance.now());
    });
    observer.observe(hud.shadowRoot, { childList: true, characterData: true, subtree: true });
    let frames = 0;
    while (performance.now() - began < seconds * 1000) {
      monitor.figures.jobMaxMilliseconds = Math.random() * 100;
      frames += 1;
      await new Promise((resolve) => { globalThis.plain_requestAnimationFrame(resolve); });
    }
    observer.disconnect();
    const { costMilliseconds, isRunning } = hud.statistics;
    return {
      updates: hud.statistics.updates - updates, texts: texts.size, frames, seconds: (performance.now() - began) / 1000,
      costMilliseconds, isRunning, cost: find('.cost').textContent,
    };
  },

  /** Texts of rows that are written although nothing has changed. */
  async rewritten() {
    await written();
    const records = [];
    const observer = new MutationObserver((changes) => records.push(...changes));
    for (const element of all('.row')) observer.observe(element, { childList: true, characterData: true, subtree: true });
    await written();
    observer.disconnect();
    return records.map(({ target }) => target.textContent);
  },

  /** What goes on while the display cannot be seen, for each of the reasons. */
  async unseen() {
    const found = {};
    const hide = {
      scrolled: [() => hud.classList.add('far'), () => hud.classList.remove('far')],
      hidden: [() => { hud.hidden = true; }, () => { hud.hidden = false; }],
      removed: [() => hud.remove(), () => document.querySelector('main').append(hud)],
      detached: [() => { hud.monitor = null; }, () => { hud.monitor = monitor; }],
    };
    for (const [name, [go, come]] of Object.entries(hide)) {
      const watched = monitor.watchers;
      go();
      await until(() => !hud.statistics.isRunning, 'it rests');
      const before = { ...waits, updates: hud.statistics.updates, reads: monitor.reads };
      await wait(0.6);
      found[name] = {
        watched, watchers: monitor.watchers, updates: hud.statistics.updates - before.updates, reads: monitor.reads - before.reads,
        timers: waits.timers - before.timers, frames: waits.frames - before.frames,
      };
      come();
      await until(() => hud.statistics.updates > before.updates + 2, 'it goes on');
    }
    found.again = monitor.watchers;
    return found;
  },

  /** What a page behind another one does. */
  keep: () => ({ hidden: document.hidden, updates: hud.statistics.updates, isRunning: hud.statistics.isRunning, watchers: monitor.watchers }),

  /** What a screen reader is told by itself while times pass, then something happens, then it becomes worse. */
  async announced() {
    await show({ state: 'quiet', size: 'normal' });
    const status = find('.head [role=status]');
    const told = [];
    const observer = new MutationObserver(() => told.push(status.textContent));
    observer.observe(status, { childList: true, characterData: true, subtree: true });
    const say = async (words, seconds) => {
      monitor.words = { ...monitor.words, ...words };
      await wait(seconds);
    };
    await say({ level: 'good', verdict: 'No dropouts in 1 s.' }, 0.6);
    for (let second = 2; second < 5; second += 1) await say({ verdict: `No dropouts in ${second} s.` }, 0.4);
    await say({ verdict: 'Another sentence, too early.' }, 0.6);
    await say({ level: 'bad', verdict: '1 dropout.' }, 0.6);
    observer.disconnect();
    return told;
  },

  /** The level and the lamp's look at each. */
  async lamps() {
    const shapes = [];
    for (const level of LEVELS) {
      monitor.words = { ...monitor.words, level };
      await written();
      const { backgroundColor, borderRadius, clipPath } = getComputedStyle(find('.lamp'));
      shapes.push(`${backgroundColor} ${borderRadius} ${clipPath}`);
    }
    return shapes;
  },

  /** Presses the button that begins anew. */
  async reset() {
    button('Reset').click();
    await written();
    return { resets: monitor.resets, since: seenIn(find('.since')) };
  },

  /** What is said of each row, if it is seen. */
  explanations: () => Object.fromEntries(all('.row').map((element) => [element.dataset.row, seenIn(element.querySelector('.about'))])),

  /** What each row is about, by the table. */
  about: Object.fromEntries(ROWS.map(({ name, about }) => [name, about])),

  /** Opens a context for the round trip; each microphone that is asked for is `given`: refused, or never. */
  async microphones(given) {
    const context = new AudioContext();
    await context.resume();
    monitor.context = context;
    const refused = new DOMException('Permission denied', 'NotAllowedError');
    const asked = [];
    const getUserMedia = () => {
      asked.push(given);
      return given === 'refused' ? Promise.reject(refused) : new Promise(() => {});
    };
    Object.defineProperty(navigator, 'mediaDevices', { configurable: true, value: { getUserMedia } });
    window.hud.asked = () => asked.length;
  },

  /** Presses a button of the round trip, by its label. */
  press: (label) => button(label).click(),

  /** What the round trip says, whether it is under way, and what can be pressed. */
  measurement() {
    const part = find('.measurement');
    const buttons = [...part.querySelectorAll('button')].filter(({ hidden }) => !hidden).map(({ textContent }) => textContent);
    return { told: part.querySelector('[role=status]').textContent, isUnderWay: !part.querySelector('progress').hidden, buttons };
  },

  /** Waits until nothing is measured. */
  async measured() {
    await until(() => !window.hud.measurement().isUnderWay, 'the measurement has ended');
    return window.hud.measurement();
  },

  /** Takes the display away, and tells what its round trip says after that. */
  async takenAway() {
    const part = find('.measurement');
    hud.remove();
    await until(() => part.querySelector('progress').hidden, 'the measurement has ended');
    return part.querySelector('[role=status]').textContent;
  },

  /** Copies the report, with a clipboard of the page's own or without. */
  async copied(hasClipboard) {
    let copied = null;
    const clipboard = hasClipboard ? { writeText: async (given) => { copied = given; } } : undefined;
    Object.defineProperty(navigator, 'clipboard', { configurable: true, value: clipboard });
    button('Copy report').click();
    await until(() => find('.told').textContent !== '', 'it is told');
    delete navigator.clipboard;
    const area = find('textarea');
    const selected = area.hidden ? null : area.value.slice(area.selectionStart, area.selectionEnd);
    return { copied, selected, focused: hud.shadowRoot.activeElement === area, told: find('.told').textContent, role: find('.told').getAttribute('role') };
  },

  /** Saves the trace. */
  async saved(trace) {
    monitor.traced = trace;
    const saved = [];
    const { click } = HTMLAnchorElement.prototype;
    HTMLAnchorElement.prototype.click = function save() { saved.push([this.download, this.href]); };
    button('Save trace').click();
    HTMLAnchorElement.prototype.click = click;
    await until(() => find('.told').textContent !== '', 'it is told');
    const [[name, address]] = saved;
    return { name, text: await (await fetch(address)).text(), told: find('.told').textContent };
  },

  /** The elements that have the focus one after the other, by the names that people know. */
  focused() {
    const { activeElement } = hud.shadowRoot;
    return activeElement && (activeElement.textContent || activeElement.tagName);
  },

  /** Which sections are folded away. */
  folded: () => all('details').filter(({ open }) => !open).map((details) => details.querySelector('summary').textContent),

  /** Folds the section of a row away, and tells whether what it says goes on to change. */
  async foldedRow(name) {
    const fold = row(name).closest('details');
    fold.open = false;
    await written();
    const before = row(name).textContent;
    for (const figure of FIGURES) monitor.figures[figure.name] = 77;
    await written();
    const folded = row(name).textContent;
    fold.open = true;
    await written();
    return { before, folded, unfolded: row(name).textContent };
  },

  /** What axe has against the display. */
  async judged() {
    const { violations: against, passes } = await globalThis.axe.run(document, { rules: { 'page-has-heading-one': { enabled: false } } });
    const violations = against.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`)}`);
    return { violations, passes: passes.length };
  },

  /** Properties and attributes. */
  settings() {
    const made = document.createElement('latency-hud');
    const initial = [made.size, made.theme];
    made.size = 'full';
    made.setAttribute('theme', 'dark');
    const set = [made.getAttribute('size'), made.theme];
    made.setAttribute('size', 'huge');
    const invalid = made.size;
    const refusal = [];
    for (const [name, value] of [['size', 'huge'], ['theme', 'pink']]) {
      try {
        made[name] = value;
      } catch ({ code, message }) {
        refusal.push(`${code}: ${message}`);
      }
    }
    return { initial, set, invalid, refusal };
  },

  /** What was given before the class was there. */
  async upgraded() {
    hud.remove();
    const bare = new DOMParser().parseFromString('<latency-hud></latency-hud>', 'text/html').querySelector('latency-hud');
    const given = new FakeMonitor();
    bare.monitor = given;
    document.querySelector('main').append(bare);
    const found = bare.monitor === given && !Object.hasOwn(bare, 'monitor');
    await until(() => bare.statistics.updates > 1, 'it shows what it was given');
    bare.remove();
    return found;
  },

  /** What it attaches to, and what it cannot. */
  async attached() {
    const errors = [];
    hud.addEventListener('error', ({ detail }) => errors.push(`${detail.name} ${detail.code}`));
    const own = new FakeMonitor();
    await hud.attach({ createPlayer() {}, monitor: own });
    const engine = hud.monitor === own;
    const other = new FakeMonitor();
    await hud.attach(other);
    const direct = hud.monitor === other;
    await hud.attach({ createPlayer() {}, monitor: null });
    monitor = other;
    return { engine, direct, kept: hud.monitor === other, watchers: [own.watchers, other.watchers], errors };
  },

  /** A context of the browser's, without an engine: what is known of it, and what becomes of its monitor. */
  async foreign() {
    let closed = 0;
    const { close } = Monitor.prototype;
    Monitor.prototype.close = function counted() {
      closed += 1;
      close.call(this);
    };
    const errors = [];
    hud.addEventListener('error', ({ detail }) => errors.push(`${detail.name} ${detail.code}`));
    const context = new AudioContext();
    await context.resume();
    const silence = new ConstantSourceNode(context, { offset: 0 });
    silence.connect(context.destination);
    silence.start();
    // The second makes the first one vain.
    await Promise.all([hud.attach(context), hud.attach(context)]);
    const vain = closed;
    await until(() => /running/.test(row('contextState').textContent), 'the state is told');
    await written();
    const said = { format: seenIn(row('format')), starvation: seenIn(row('starvation')), ringFill: seenIn(row('ringFill')) };
    hud.monitor = null;
    const given = closed - vain;
    await hud.attach(new OfflineAudioContext(1, 128, 48_000));
    Monitor.prototype.close = close;
    await closeContext(context);
    return { vain, given, said, errors };
  },

  /** What is shown when the monitor is taken away. */
  bare() {
    hud.monitor = null;
    const disabled = all('button').filter(({ disabled: isDisabled }) => isDisabled).map(({ textContent }) => textContent);
    return { said: find('.verdict').textContent, disabled, isRunning: hud.statistics.isRunning };
  },

  /** What is said of pictures on the page, before there is one, before it has drawn, and after. */
  async pictures() {
    await written();
    const before = seenIn(row('gpu').querySelector('.words'));
    const view = document.createElement('spectrum-view');
    document.body.append(view);
    await written();
    const waiting = seenIn(row('gpu').querySelector('.words'));
    Object.assign(view, { backend: 'webgpu', backendReason: '', adapter: 'acme turbo', sampleAge: 0.0312, statistics: { frames: 100, framesOnCpu: 0, lostDevices: 1 } });
    await wait(1.5);
    view.statistics.frames += 30;
    await wait(1.5);
    const after = seenIn(row('gpu').querySelector('.words'));
    view.remove();
    return [before, waiting, after];
  },

  /** A property of the display's inside. */
  look: (name) => getComputedStyle(find('.panel')).getPropertyValue(name).trim(),

  /** Colours that the page gives, made of colours of its own by whatever name. */
  given() {
    const names = ['background', 'text', 'quiet', 'rule', 'accent', 'good', 'warning', 'bad'];
    names.forEach((name, place) => {
      document.body.style.setProperty(`--${name}`, `rgb(1, 2, ${place})`);
      hud.style.setProperty(`--hud-${name}`, `var(--${name})`);
    });
    const { backgroundColor, color } = getComputedStyle(find('.panel'));
    const found = [backgroundColor, color, getComputedStyle(find('.row')).borderTopColor, ...names.map((name) => window.hud.look(`--${name}`))];
    for (const name of names) document.body.style.removeProperty(`--${name}`);
    return found;
  },

  forbidden: () => forbidden,

  /** Numbers as text. */
  texts: (calls) => calls.map(([name, ...given]) => text[name](...given.map((value) => (value === 'NaN' ? NaN : value)))),
  START,
};
