// How long a page may take to answer. Not every driver has a limit, and a page that never answers must not hold up all other suites.

/** More than the longest thing that a suite asks of a page, which soaks make longer. */
export const PATIENCE_MS = process.env.RUSTY_AUDIO_FULL === 'true' ? 1_200_000 : 180_000;

/** What `answer` comes to; an error that names `question` when it takes too long. */
export function patiently(answer, question, milliseconds = PATIENCE_MS) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`the page did not answer within ${milliseconds / 1000} s: ${question}`)), milliseconds);
  });
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
