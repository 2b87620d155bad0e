// What goes beyond playing a file: the rack's controls, presets and links, generators, the microphone. Loaded when the player is ready, so
// that sound does not wait for it.

import { startGeneratorPanel } from './generator_panel.js';
import { keepLink } from './link.js';
import { showError } from './messages.js';
import { bindMicrophone } from './microphone.js';
import { readPreset, startPresetPanel } from './preset_panel.js';
import { startRackPanel } from './rack_panel.js';

/** Starts all of it; `preset` is what the address says, or null. */
export async function startStudio({ engine, player, rack, equalizerTypes }, preset) {
  startRackPanel(rack, equalizerTypes);
  startGeneratorPanel(engine.context, rack.node);
  bindMicrophone(engine.context, rack.node);
  if (preset) {
    try {
      await rack.apply(readPreset(rack, preset));
    } catch (error) {
      showError(error);
    }
  }
  startPresetPanel(rack, keepLink(rack, player));
}
