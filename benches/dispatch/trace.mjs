// Time stamps that the audio thread and a worker leave in Chromium's trace, which has one clock for all threads. The
// audio thread has no clock of its own, and a worker that spins to keep one would take the core that the pool needs.

const CATEGORIES = ['devtools.timeline', 'blink.user_timing'];

/** Runs `work` and resolves to `{ result, posted, begun }`, the latter two in milliseconds, ascending. */
export async function traced(browser, work) {
  const session = await browser.newBrowserCDPSession();
  const events = [];
  session.on('Tracing.dataCollected', ({ value }) => events.push(...value));
  await session.send('Tracing.start', { traceConfig: { includedCategories: CATEGORIES, excludedCategories: ['*'], recordMode: 'recordAsMuchAsPossible' } });
  const result = await work();
  const complete = new Promise((resolve) => { session.once('Tracing.tracingComplete', resolve); });
  await session.send('Tracing.end');
  await complete;
  const times = (belongs) => events.filter(belongs).map(({ ts }) => ts / 1e3).sort((a, b) => a - b);
  return {
    result,
    posted: times(({ name, args }) => name === 'TimeStamp' && (args.data.message ?? args.data.name) === 'posted'),
    begun: times(({ name, cat }) => name === 'begun' && cat.includes('user_timing')),
  };
}

/**
 * Milliseconds from each post to the begin of its job. Jobs are begun in the order of their posts; one that was not
 * begun within `limitMs` counts as that late.
 */
export function delays(posted, begun, limitMs) {
  let next = 0;
  return posted.map((at) => {
    while (next < begun.length && begun[next] < at) next += 1;
    if (next === begun.length || begun[next] - at >= limitMs) return limitMs;
    next += 1;
    return begun[next - 1] - at;
  });
}
