/**
 * `<latency-hud>`: importing this defines the element.
 *
 * @module
 */
import { defineElement } from '../platform.js';
import { LatencyHud } from './view.js';

export { LatencyHud };
export type { HudSize } from './rows.js';
export type { HudStatistics } from './view.js';
export type { Monitor, MonitorState } from '../monitor.js';

defineElement('latency-hud', LatencyHud);

declare global {
  interface HTMLElementTagNameMap {
    'latency-hud': LatencyHud;
  }
}
