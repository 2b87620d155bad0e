// Underruns as the browser counts them, where it does.

/**
 * The browser's own count of underruns between the page and the device, under the name that it has here:
 * `{ events, seconds }`, or null when this browser has none.
 */
export function browserUnderruns(context) {
  const { playbackStats, playoutStats } = context;
  if (playbackStats && playbackStats.underrunEvents !== undefined) {
    return { events: playbackStats.underrunEvents, seconds: playbackStats.underrunDuration };
  }
  const events = playbackStats?.fallbackFramesEvents ?? playoutStats?.fallbackFramesEvents;
  if (events === undefined) return null;
  const milliseconds = playbackStats?.fallbackFramesDuration ?? playoutStats?.fallbackFramesDuration;
  return { events, seconds: milliseconds / 1000 };
}
