// Cross-origin isolation for hosts that cannot send its headers, by a service worker.

/** Options of {@link isolate}. */
export interface IsolationOptions {
  /**
   * Where the page has put the package's `isolation-worker.js`: beside itself or above, since a service worker is for what lies below it.
   * Default: beside the page.
   */
  workerUrl?: string | URL;
  /**
   * `'require-corp'` (the default), or `'credentialless'` for a page with images and scripts of other origins that do not allow it; Safari
   * does not know the latter.
   */
  embedderPolicy?: 'require-corp' | 'credentialless';
}

/** What came of {@link isolate}. */
export interface Isolation {
  /**
   * `'isolated'`: the page is. `'reloading'`: it will be, in a moment. `'next-visit'`: it will be when it is loaded the next time; somebody
   * uses it already, and may hear something. `'unavailable'`: it will not be, and engines run in solo mode.
   */
  state: 'isolated' | 'reloading' | 'next-visit' | 'unavailable';
  /** Why, in a sentence. */
  reason: string;
}

/** Set while a reload is under way. One that did not help must not be followed by another. */
const GUARD = 'rusty-audio-isolation';

const START_LIMIT_MS = 10_000;

/**
 * Isolates a page whose host sends no headers, so that engines run in shared mode: installs the service worker and reloads the page, once,
 * unless somebody has used it before. Nothing need wait for this: engines start in solo mode meanwhile. Call it on each visit. Where it
 * is of no use, such as in private windows of some browsers, nothing happens but that it says so.
 */
export async function isolate({ workerUrl = 'isolation-worker.js', embedderPolicy = 'require-corp' }: IsolationOptions = {}): Promise<Isolation> {
  if (globalThis.crossOriginIsolated) {
    guard((storage) => storage.removeItem(GUARD));
    return { state: 'isolated', reason: 'The page is cross-origin isolated.' };
  }
  if (!navigator.serviceWorker) return unavailable('There are no service workers here: the page is not secure, or the window is private.');
  const before = guard((storage) => storage.getItem(GUARD));
  if (before === undefined) return unavailable('Storage is blocked, without which a reload might not be the only one.');
  if (before !== null) return unavailable('The page was reloaded for it, and is not isolated all the same.');
  const use = watchUse();
  try {
    const url = new URL(workerUrl, document.baseURI);
    url.searchParams.set('policy', embedderPolicy);
    await activated(await navigator.serviceWorker.register(url));
  } catch (reason) {
    return unavailable(`The service worker did not start: ${String(reason)}.`);
  } finally {
    use.end();
  }
  if (use.seen()) return { state: 'next-visit', reason: 'Somebody uses the page, so it is not reloaded now.' };
  guard((storage) => storage.setItem(GUARD, 'reloading'));
  location.reload();
  return { state: 'reloading', reason: 'The page is reloaded, and will be isolated.' };
}

function unavailable(reason: string): Isolation {
  return { state: 'unavailable', reason };
}

/** Uses the storage of this tab; undefined where that is forbidden. */
function guard<T>(use: (storage: Storage) => T): T | undefined {
  try {
    return use(sessionStorage);
  } catch {
    return undefined;
  }
}

/** Without a gesture nothing sounds; browsers that do not tell of one are watched. */
function watchUse() {
  let used = false;
  const note = () => { used = true; };
  const gestures = ['pointerdown', 'keydown'];
  gestures.forEach((gesture) => addEventListener(gesture, note, true));
  return {
    seen: () => used || (navigator.userActivation?.hasBeenActive ?? false),
    end: () => gestures.forEach((gesture) => removeEventListener(gesture, note, true)),
  };
}

function activated({ installing, waiting, active }: ServiceWorkerRegistration): Promise<void> {
  const worker = active ?? waiting ?? installing;
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`it was not active within ${START_LIMIT_MS / 1000} s`)), START_LIMIT_MS);
    const look = () => {
      if (worker?.state === 'activated') resolve();
      else if (worker?.state === 'redundant') reject(new Error('it was refused'));
      else return;
      clearTimeout(late);
    };
    worker?.addEventListener('statechange', look);
    look();
  });
}
