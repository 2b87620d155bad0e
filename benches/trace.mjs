// Stamps that threads leave in Chromium's trace, which has one clock for all of them, in microseconds. The audio thread has no
// clock of its own, and a worker that spins to keep one would take the core that others need.

const CATEGORIES = ['devtools.timeline', 'blink.user_timing'];

/** Runs `work` and resolves to `{ result, stamps }`; stamps are `{ name, ms }`, in the order of their times. */
export async function traced(browser, work) {
  const session = await browser.newBrowserCDPSession();
  const events = [];
  session.on('Tracing.dataCollected', ({ value }) => events.push(...value));
  await session.send('Tracing.start', { traceConfig: { includedCategories: CATEGORIES, excludedCategories: ['*'], recordMode: 'recordAsMuchAsPossible' } });
  const result = await work();
  const complete = new Promise((resolve) => { session.once('Tracing.tracingComplete', resolve); });
  await session.send('Tracing.end');
  await complete;
  const stamps = events
    .map(({ name, args, ts }) => ({ name: name === 'TimeStamp' ? args.data.message ?? args.data.name : name, ms: ts / 1e3 }))
    .sort((a, b) => a.ms - b.ms);
  return { result, stamps };
}
