/**
 * `<spectrum-view>`: importing this defines the element.
 *
 * @module
 */
import { defineElement } from '../platform.js';
import { SpectrumView } from './view.js';

export { SpectrumView };
export type { SpectrumStatistics } from './drawer.js';
export type { SpectrumSettings } from './settings.js';
export type { Reading } from '../render.js';

defineElement('spectrum-view', SpectrumView);

declare global {
  interface HTMLElementTagNameMap {
    'spectrum-view': SpectrumView;
  }
}
