/**
 * Takes a context's graph and lets go of it, as often as a page can, until what it returns is called. Chromium tells worklets old frames
 * meanwhile.
 */
export function rebuild(context) {
  const [source, other] = [new ConstantSourceNode(context), new AnalyserNode(context)];
  const timer = setInterval(() => {
    for (let round = 0; round < 500; round += 1) {
      source.connect(other);
      source.disconnect();
    }
  });
  return () => clearInterval(timer);
}
