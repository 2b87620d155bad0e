// A pool worker whose script throws in the middle of its work, a while after it has started.
importScripts('../package/worker.js');
{
  const real = performance.now.bind(performance);
  const end = real() + 1500;
  performance.now = () => {
    if (real() > end) throw new Error('thrown on purpose');
    return real();
  };
}
