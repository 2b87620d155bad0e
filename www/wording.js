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
