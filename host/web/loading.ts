// Loads the host module, and says why it did not load.
import initialize from './host.js';
import { createError } from './error_codes.js';
import type { EngineError } from './types.js';

let loading: Promise<unknown> | undefined;

/** Loads the host module, once per page. */
export async function loadHost(assetBaseUrl: string, timeoutSeconds = 30): Promise<void> {
  const url = new URL('host_bg.wasm', assetBaseUrl);
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
}

/** Without the host module there is nobody else to say why it did not load. */
async function hostFailure(url: URL, reason: unknown): Promise<EngineError> {
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

export function defaultBaseUrl(): string {
  return new URL('./', import.meta.url).href;
}

