// What the stamps in the browser's trace say of jobs.

/**
 * Milliseconds from each post to the begin of its job. Workers begin jobs in the order of their posts. A job that the
 * audio thread took back unbegun counts with the time until then; one that it never gave away does not count.
 */
export function delays(stamps) {
  const waiting = [];
  const found = [];
  for (const { name, ms } of stamps) {
    if (name === 'posted') waiting.push(ms);
    if (name === 'kept') waiting.pop();
    if ((name === 'begun' || name === 'taken') && waiting.length > 0) found.push(ms - waiting.shift());
  }
  return found;
}
