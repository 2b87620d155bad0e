// Numbers as text, in one place, so that the page says the same thing the same way everywhere.

/** `1:02`, `1:02:03`; an en dash when the time is unknown. */
export function clockText(seconds) {
  if (!Number.isFinite(seconds)) return '–';
  const whole = Math.max(0, Math.floor(seconds));
  const s = String(whole % 60).padStart(2, '0');
  const m = Math.floor(whole / 60) % 60;
  const h = Math.floor(whole / 3600);
  return h > 0 ? `${h}:${String(m).padStart(2, '0')}:${s}` : `${m}:${s}`;
}

/** `1 minute 2 seconds`, for a screen reader. */
export function spokenTime(seconds) {
  if (!Number.isFinite(seconds)) return 'unknown';
  const whole = Math.max(0, Math.floor(seconds));
  const parts = [
    [Math.floor(whole / 3600), 'hour'],
    [Math.floor(whole / 60) % 60, 'minute'],
    [whole % 60, 'second'],
  ].filter(([count], index) => count > 0 || (index === 2 && whole === 0));
  return parts.map(([count, unit]) => `${count} ${unit}${count === 1 ? '' : 's'}`).join(' ');
}

/** `3.2 MB`, in decimal units as files and networks are counted. */
export function byteText(bytes) {
  if (bytes < 1e3) return `${bytes} B`;
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(0)} kB`;
  if (bytes < 1e9) return `${(bytes / 1e6).toFixed(1)} MB`;
  return `${(bytes / 1e9).toFixed(2)} GB`;
}

/** `44.1 kHz`. */
export function rateText(hertz) {
  return `${Number((hertz / 1000).toFixed(3))} kHz`;
}

/** `mono`, `stereo`, `6 channels`. */
export function channelText(channels) {
  if (channels === 1) return 'mono';
  if (channels === 2) return 'stereo';
  return `${channels} channels`;
}

/** `12.3 ms`, `1.25 s`. */
export function durationText(seconds) {
  if (seconds >= 1) return `${seconds.toFixed(2)} s`;
  const milliseconds = seconds * 1000;
  return `${milliseconds.toFixed(milliseconds < 100 ? 1 : 0)} ms`;
}

/** A count with the separators of the reader's language. */
export function countText(count) {
  return count.toLocaleString();
}

/** Container, codec, rate and channels in one line: `MP4 · AAC-LC · 44.1 kHz · stereo`. */
export function formatLine(track) {
  const parts = [];
  if (track.container) parts.push(track.container);
  if (track.codec && track.codec !== track.container) parts.push(track.codec);
  if (track.sampleRate) parts.push(rateText(track.sampleRate));
  if (track.channels) parts.push(channelText(track.channels));
  return parts.join(' · ');
}

/** `34 %`; a share that is small but not nothing is `< 1 %`, and one that is not all is never `100 %`. */
export function shareText(share) {
  if (share > 0 && share < 0.01) return '< 1 %';
  if (share > 0.99 && share < 1) return `${(Math.floor(share * 1000) / 10).toFixed(1)} %`;
  return `${Math.round(share * 100)} %`;
}

/** `61 ms`. */
export function millisecondText(milliseconds) {
  return `${Math.round(milliseconds)} ms`;
}

/** An execution time in a column of milliseconds: `0.42`. */
export function millisecondsText(milliseconds) {
  return milliseconds.toFixed(milliseconds < 10 ? 2 : 1);
}

/** Who was killed, when all were: `The only worker`, `Both workers`, `All 4 workers`. */
export function workersText(count) {
  if (count === 1) return 'The only worker';
  if (count === 2) return 'Both workers';
  return `All ${count} workers`;
}

/** How long the replacement of each worker took: `Replaced after 61 ms.`, `Replaced after 61 to 95 ms.` */
export function replacedText(milliseconds) {
  const [shortest, longest] = [Math.min(...milliseconds), Math.max(...milliseconds)].map(Math.round);
  return `Replaced after ${shortest === longest ? '' : `${shortest} to `}${longest} ms.`;
}

/** Why a worker was replaced the last time, and how long that took; empty when it never was. */
export function exitText({ lastExitReason, replacementMilliseconds }) {
  if (!lastExitReason) return '';
  const back = replacementMilliseconds === null ? '' : ` Back after ${millisecondText(replacementMilliseconds)}.`;
  return `${lastExitReason}${back}`;
}

/** Where the room's jobs were computed. */
export function jobPlacesText({ byWorkers, own, takenUnclaimed, takenSilent }) {
  return `${countText(byWorkers)} by workers, ${countText(own)} by the audio thread, ${countText(takenUnclaimed + takenSilent)} taken back`;
}

/** `pool 4.7 MB, players 4.5 MB`, the largest first; what is less than a thousandth of a megabyte is left out. */
export function memoryPartsText(parts) {
  const said = Object.entries(parts)
    .filter(([, bytes]) => bytes >= 1e3)
    .sort(([, a], [, b]) => b - a)
    .map(([purpose, bytes]) => `${purpose} ${byteText(bytes)}`);
  return said.length > 0 ? said.join(', ') : 'reserved at the start; it never grows';
}

function counted(count, singular, plural) {
  return `${countText(count)} ${count === 1 ? singular : plural}`;
}

/** The browser's own count of underruns; null when it has none. */
export function underrunsText(underruns) {
  if (!underruns) return 'this browser does not count its own underruns';
  return `and ${counted(underruns.events, 'underrun', 'underruns')} of the browser’s own`;
}

/** What was missing between two tallies, as sentences. */
export function damageText(before, after) {
  const missing = after.missingFrames - before.missingFrames;
  const underruns = (after.underruns?.events ?? 0) - (before.underruns?.events ?? 0);
  const said = [`${counted(missing, 'frame', 'frames')} missing.`];
  if (underruns > 0) {
    const seconds = after.underruns.seconds - before.underruns.seconds;
    said.push(`The browser itself missed the device ${underruns === 1 ? 'once' : `${countText(underruns)} times`}: ${durationText(seconds)}.`);
  }
  return said.join(' ');
}

/** How a trap of the audio thread sounded. */
export function gapText(seconds) {
  return `A fresh engine goes on at the frame where it stopped, after ${durationText(seconds)} of silence, faded out and in.`;
}

/** Why the workers cannot be broken. */
export function soloPanelText(reason) {
  return `There are no workers to break in solo mode. ${reason}`;
}

const ABBREVIATIONS = new Set(['q', 'rms']);

/** The name of an effect or a parameter as words: `High cut`. */
export function labelText(name) {
  if (ABBREVIATIONS.has(name)) return name.toUpperCase();
  const words = name.replace(/([a-z])([A-Z])/g, (_, before, after) => `${before} ${after.toLowerCase()}`);
  return words[0].toUpperCase() + words.slice(1);
}

/** `+3.0`, `−4.5`, `0`, with a true minus. */
export function signedText(number, digits) {
  const rounded = Number(number.toFixed(digits));
  const sign = rounded > 0 ? '+' : rounded < 0 ? '−' : '';
  return `${sign}${Math.abs(rounded).toFixed(rounded === 0 ? 0 : digits)}`;
}

/** `440 Hz`, `1.25 kHz`. */
export function frequencyText(hertz) {
  return hertz < 1000 ? `${Number(hertz.toPrecision(3))} Hz` : `${Number((hertz / 1000).toPrecision(3))} kHz`;
}

/** A value with the unit that the engine tells; an en dash for one that is not there. */
export function valueText(value, unit) {
  if (!Number.isFinite(value)) return '–';
  if (unit === 'Hz') return frequencyText(value);
  if (unit === 's') return durationText(value);
  if (unit === 'dB') return `${signedText(value, 1)} dB`;
  if (unit === 'LUFS') return `${signedText(value, 1)} LUFS`;
  return value.toFixed(2);
}

/** A band of an equalizer, for a screen reader. */
export function bandText(type, hertz, decibels, quality) {
  return `${type}, ${frequencyText(hertz)}, ${signedText(decibels, 1)} dB, Q ${quality.toFixed(2)}`;
}
