// Loads the host module, and says why it did not load.
import initialize from './host.js';
import { findAssets } from './assets.js';
import type { AssetOptions, Assets } from './assets.js';
import { createError } from './error_codes.js';
import type { EngineError } from './types.js';

let loading: Promise<unknown> | undefined;

/** Loads the host module, once per page, and tells where the other files are. */
export async function loadHost(options: AssetOptions, timeoutSeconds = 30): Promise<Assets> {
  const assets = await findAssets(options);
  const url = String(assets['host_bg.wasm']);
  loading ??= initialize({ module_or_path: url });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = createError('start-timeout', `${url} did not load within ${timeoutSeconds} s.`);
    timer = setTimeout(() => reject(error), timeoutSeconds * 1000);
  });
  try {
    await Promise.race([loading, late]);
  } catch (reason) {
    loading = undefined;
    throw (reason as EngineError).code ? reason : await hostFailure(url, reason);
  } finally {
    clearTimeout(timer);
  }
  return assets;
}

/** Without the host module there is nobody else to say why it did not load. */
async function hostFailure(url: string, reason: unknown): Promise<EngineError> {
  if (typeof WebAssembly === 'undefined') return createError('no-webassembly', 'This browser has no WebAssembly.');
  const text = String(reason);
  if (/unsafe-eval|Content Security Policy/i.test(text)) return createError('webassembly-blocked', `${text}.`);
  const response = await fetch(url).catch(() => null);
  if (response?.status === 404) return createError('asset-not-found', `${url} was not found (404).`);
  const type = response?.headers.get('content-type') ?? '';
  if (response?.ok && !type.includes('wasm')) {
    return createError('asset-wrong-type', `${url} was served as "${type}" instead of application/wasm.`);
  }
  return createError('asset-failed', `${url} did not load: ${text}.`);
}
