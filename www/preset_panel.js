// Presets of the rack: those that come with the page, and a person's own as JSON files and links.

import { announce, showError } from './messages.js';
import { byId } from './page.js';

const OWN = '';

const chooser = byId('preset');
const saveButton = byId('save-preset-button');
const openButton = byId('open-preset-button');
const picker = byId('preset-input');
const linkButton = byId('link-button');

/** Whether two presets say the same, in whatever order. */
function isSame(preset, { parameters, response }) {
  const [those, these] = [preset.parameters, parameters].map((values) => new Map(Object.entries(values)));
  return preset.response === response && those.size === these.size
    && [...those].every(([name, value]) => Math.fround(value) === Math.fround(these.get(name)));
}

/** The preset of the page that the rack is set to, or undefined. */
export function knownPreset(rack) {
  const [first, ...others] = rack.presets;
  const now = rack.preset;
  if (isSame(now, { parameters: {} })) return first;
  return others.find((preset) => isSame(now, preset));
}

/** The preset that a link has: the name of one of the page's, or JSON. Throws what is wrong with it. */
export function readPreset(rack, text) {
  const known = rack.presets.find(({ name }) => name === text);
  if (known) return known === rack.presets[0] ? {} : known;
  let preset;
  try {
    preset = JSON.parse(text);
  } catch {
    throw presetError(`"${text.slice(0, 40)}" is no preset: neither JSON nor one of the page’s names.`);
  }
  if (typeof preset?.parameters !== 'object' || preset.parameters === null) throw presetError('This JSON is no preset: it has no parameters.');
  return preset;
}

function presetError(message) {
  return Object.assign(new Error(message), { code: 'invalid-preset', advice: 'Save one of this page and see how it looks.' });
}

/** Lets the section's head choose, save and open presets of `rack`; `link()` is the address of the page as it is. */
export function startPresetPanel(rack, link) {
  async function apply(preset) {
    try {
      await rack.apply(preset);
    } catch (error) {
      showError(error);
      show();
    }
  }

  function show() {
    chooser.value = knownPreset(rack)?.name ?? OWN;
  }

  chooser.append(...rack.presets.map(({ name }) => new Option(name, name)), Object.assign(new Option('Your own', OWN), { disabled: true }));
  chooser.addEventListener('change', () => apply(readPreset(rack, chooser.value)));
  saveButton.addEventListener('click', () => {
    const file = new Blob([`${JSON.stringify(rack.preset, null, 2)}\n`], { type: 'application/json' });
    const anchor = Object.assign(document.createElement('a'), { href: URL.createObjectURL(file), download: 'rusty-audio-preset.json' });
    anchor.click();
    setTimeout(() => URL.revokeObjectURL(anchor.href), 1000);
  });
  openButton.addEventListener('click', () => picker.click());
  picker.addEventListener('change', async () => {
    const [file] = picker.files;
    picker.value = ''; // so that the same file can be chosen again
    try {
      await rack.apply(readPreset(rack, await file.text()));
      announce(`Preset ${file.name} applied`);
    } catch (error) {
      showError(error);
    }
  });
  linkButton.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(link());
      linkButton.textContent = 'Copied';
      announce('The link is on the clipboard');
      setTimeout(() => { linkButton.textContent = 'Copy a link'; }, 2000);
    } catch {
      showError({ code: 'clipboard-blocked', message: 'The browser does not give this page the clipboard.', advice: 'The link is in the address bar.' });
    }
  });
  for (const control of [chooser, saveButton, openButton, linkButton]) control.disabled = false;
  rack.addEventListener('change', show);
  show();
}
