/**
 * Closes a context that runs. WebKitGTK ends its page's process, or stops it for good, when a context is closed while a worklet is being
 * called in it: its main thread waits for the audio thread, which waits for the main thread. So it is suspended first.
 */
export async function close(context) {
  if (context.state === 'running') {
    await context.suspend();
    await new Promise((resolve) => { setTimeout(resolve, 50); });
  }
  await context.close();
}
