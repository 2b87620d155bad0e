// The level meter: a comb of a tooth per half decibel and channel (per decibel where room is short). Teeth up to the RMS level stand at full
// height, teeth up to the peak at half, and the highest peak of the last seconds stays marked.

import { eachFrame } from './frames.js';

const FLOOR_DB = -60;
const TOP_DB = 0;
const TOOTH_DB = 0.5;
const NARROW_TOOTH_DB = 1;
const NARROW_PX = 480;
const HOT_DB = -6;
const LABELS_DB = [-60, -48, -36, -24, -12, -6, 0];
const HOLD_MS = 1500;
const HOLD_FALL_DB_PER_S = 12;
const LEVEL_FALL_DB_PER_S = 36;
// Who asks for less motion gets a meter that changes four times a second.
const CALM_RATE = 4;

const decibels = (linear) => 20 * Math.log10(Math.max(linear, 1e-6));

/**
 * Levels of one channel as they are drawn. The engine's own fall is slower than this one, which only sees to
 * it that the comb never jumps to nothing.
 */
class Ballistics {
  rms = FLOOR_DB;
  peak = FLOOR_DB;
  held = FLOOR_DB;
  #heldAt = 0;

  update(peakDb, rmsDb, timeMs, elapsedS) {
    const fall = LEVEL_FALL_DB_PER_S * elapsedS;
    this.peak = Math.max(peakDb, this.peak - fall, FLOOR_DB);
    this.rms = Math.max(rmsDb, this.rms - fall, FLOOR_DB);
    if (this.peak >= this.held) {
      this.held = this.peak;
      this.#heldAt = timeMs;
    } else if (timeMs - this.#heldAt > HOLD_MS) {
      this.held = Math.max(this.peak, this.held - HOLD_FALL_DB_PER_S * elapsedS);
    }
  }
}

/** Draws the levels that `readTelemetry()` returns (null while there are none) into `canvas`. */
export function startLevelMeter(canvas, reading, readTelemetry) {
  const context = canvas.getContext('2d');
  const channels = [new Ballistics(), new Ballistics()];
  let colors = {};
  let width = 0;
  let height = 0;
  let scale = 1;
  let lastTimeMs = 0;

  function readColors() {
    const style = getComputedStyle(canvas);
    const color = (name) => style.getPropertyValue(name).trim();
    colors = { ink: color('--ink'), faint: color('--tooth'), hot: color('--rust'), label: color('--quiet'), font: style.fontFamily };
  }

  function resize() {
    scale = devicePixelRatio || 1;
    width = canvas.clientWidth;
    height = canvas.clientHeight;
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
  }

  const labelHeight = 16;
  const inset = 7; // room for half of the outermost labels
  const xOf = (db) => inset + ((db - FLOOR_DB) / (TOP_DB - FLOOR_DB)) * (width - 2 * inset);

  function drawComb(levels, baseline, tooth, upwards) {
    const step = width < NARROW_PX ? NARROW_TOOTH_DB : TOOTH_DB;
    for (let db = FLOOR_DB; db <= TOP_DB; db += step) {
      const held = levels.held > FLOOR_DB && Math.abs(db - levels.held) <= step / 2;
      const lit = db <= levels.peak && levels.peak > FLOOR_DB;
      const tall = held || (db <= levels.rms && levels.rms > FLOOR_DB);
      const length = tooth * (tall ? 1 : lit ? 0.62 : 0.34);
      context.fillStyle = (lit || held) ? (db >= HOT_DB || held ? colors.hot : colors.ink) : colors.faint;
      const x = Math.round(xOf(db) * scale) / scale;
      context.fillRect(x, upwards ? baseline - length : baseline, 1, length);
    }
  }

  function draw(timeMs) {
    const telemetry = readTelemetry();
    const elapsedS = Math.min((timeMs - lastTimeMs) / 1000, 0.5);
    lastTimeMs = timeMs;
    const silent = 0;
    channels[0].update(decibels(telemetry?.peakLeft ?? silent), decibels(telemetry?.rmsLeft ?? silent), timeMs, elapsedS);
    channels[1].update(decibels(telemetry?.peakRight ?? silent), decibels(telemetry?.rmsRight ?? silent), timeMs, elapsedS);

    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, width, height);
    const middle = (height - labelHeight) / 2;
    const tooth = middle - 2;
    drawComb(channels[0], middle - 1.5, tooth, true);
    drawComb(channels[1], middle + 1.5, tooth, false);

    context.fillStyle = colors.label;
    context.font = `11px ${colors.font}`;
    context.textBaseline = 'bottom';
    for (const db of LABELS_DB) {
      context.textAlign = db === FLOOR_DB ? 'left' : db === TOP_DB ? 'right' : 'center';
      const x = db === FLOOR_DB ? 0 : db === TOP_DB ? width : xOf(db);
      context.fillText(String(db).replace('-', '−'), x, height);
    }

    const highest = Math.max(channels[0].held, channels[1].held);
    const text = highest > FLOOR_DB ? `peak ${highest.toFixed(1).replace('-', '−')}` : 'silence';
    if (reading.textContent !== text) reading.textContent = text;
  }

  readColors();
  resize();
  addEventListener('themechange', readColors);
  new ResizeObserver(resize).observe(canvas);
  const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
  eachFrame(draw, calm ? CALM_RATE : Infinity);
}
