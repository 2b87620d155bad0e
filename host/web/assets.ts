// The package's files that are loaded while it runs, and where they are.
import { createError } from './error_codes.js';

/**
 * Literals, since that is how bundlers find them; all in one module, so that they lie as here beside whatever it is bundled into. What
 * is small enough for Vite to write into the bundle says that it must not be: a policy for content may forbid such addresses.
 */
const places = () => ({
  'host_bg.wasm': new URL('./host_bg.wasm', import.meta.url),
  'engine.wasm': new URL('./engine.wasm', import.meta.url),
  'engine-scalar.wasm': new URL('./engine-scalar.wasm', import.meta.url),
  'processor.js': new URL('./processor.js', import.meta.url),
  'meter.js': new URL('./meter.js?no-inline', import.meta.url),
  'capture.js': new URL('./capture.js?no-inline', import.meta.url),
  'worker.js': new URL('./worker.js', import.meta.url),
  'decode-worker.js': new URL('./decode-worker.js', import.meta.url),
  'decode-worker.wasm': new URL('./decode-worker.wasm', import.meta.url),
  'codec-pcm.wasm': new URL('./codec-pcm.wasm', import.meta.url),
  'codec-mp3.wasm': new URL('./codec-mp3.wasm', import.meta.url),
  'codec-ogg.wasm': new URL('./codec-ogg.wasm', import.meta.url),
  'codec-mp4.wasm': new URL('./codec-mp4.wasm', import.meta.url),
  'codec-opus.wasm': new URL('./codec-opus.wasm', import.meta.url),
  'render_bg.wasm': new URL('./render_bg.wasm', import.meta.url),
  'hud/style.css': new URL('./hud/style.css', import.meta.url),
  'spectrum/style.css': new URL('./spectrum/style.css?no-inline', import.meta.url),
});

/** Browsers refuse workers of another origin, and policies ask for a trusted address of those. */
const WORKERS = ['worker.js', 'decode-worker.js'] as const;

/** A file that the package loads while it runs. */
export type AssetName = keyof ReturnType<typeof places>;

/** Where the package's files are, and what a page's policy asks for. The same for all that a page makes. */
export interface AssetOptions {
  /** Folder of the package's files. Default: beside this script, or where a bundler has put each. */
  assetBaseUrl?: string | URL;
  /** Addresses of single files, in place of those in the folder. */
  assetUrls?: Readonly<Partial<Record<AssetName, string | URL>>>;
  /**
   * Name of the Trusted Types policy that the addresses of workers go through, to be allowed by the directive `trusted-types` where there
   * is one. Default `'rusty-audio'`.
   */
  trustedTypesPolicyName?: string;
}

/** Addresses by name; those of workers are trusted where the browser knows of such. */
export type Assets = Readonly<Record<AssetName, string | TrustedScriptUrl>>;

interface TrustedScriptUrl {
  toString(): string;
}

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(address: string): string }): { createScriptURL(address: string): TrustedScriptUrl };
}

let located: AssetOptions = {};

/**
 * Says where the package's files are, for whatever the page makes from now on, elements too. What `Engine.create` and others are told
 * themselves goes before it.
 */
export function locateAssets(options: AssetOptions): void {
  located = options;
}

/** Where a file is that an element loads. */
export function findAsset(name: AssetName): string {
  return addresses(located)[name];
}

/** Where every file is. */
export async function findAssets(options: AssetOptions): Promise<Assets> {
  const { trustedTypesPolicyName = 'rusty-audio', ...places } = { ...located, ...present(options) };
  const assets: Record<AssetName, string | TrustedScriptUrl> = addresses(places);
  await Promise.all(WORKERS.map(async (name) => {
    assets[name] = trust(await carryOver(String(assets[name])), trustedTypesPolicyName);
  }));
  return assets;
}

/** Options that are undefined are none. */
function present(options: AssetOptions): AssetOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function addresses({ assetBaseUrl, assetUrls = {} }: AssetOptions): Record<AssetName, string> {
  const known = places();
  const given = { ...known, ...(assetBaseUrl === undefined ? {} : inFolder(assetBaseUrl)), ...assetUrls };
  const unknown = Object.keys(given).find((name) => !(name in known));
  if (unknown !== undefined) throw createError('invalid-argument', `There is no file called "${unknown}"; there are ${Object.keys(known).join(', ')}.`);
  return Object.fromEntries(Object.entries(given).map(([name, address]) => [name, absolute(address)])) as Record<AssetName, string>;
}

function inFolder(folder: string | URL): Record<string, string> {
  const base = absolute(folder).replace(/\/*$/, '/');
  return Object.fromEntries(Object.keys(places()).map((name) => [name, base + name]));
}

function absolute(address: string | URL): string {
  try {
    return new URL(address, document.baseURI).href;
  } catch {
    throw createError('invalid-argument', `"${address}" is not an address.`);
  }
}

const carried = new Map<string, Promise<string>>();

/** The address of a worker's script on this origin: one of another origin is loaded, and stands here as a Blob. */
async function carryOver(address: string): Promise<string> {
  if (new URL(address).origin === location.origin || /^(blob|data):/.test(address)) return address;
  let copy = carried.get(address);
  if (!copy) {
    copy = fetch(address).then(async (response) => {
      if (!response.ok) throw createError('asset-not-found', `${address} was answered with ${response.status}.`);
      return URL.createObjectURL(new Blob([await response.text()], { type: 'text/javascript' }));
    });
    carried.set(address, copy);
  }
  try {
    return await copy;
  } catch (reason) {
    carried.delete(address);
    throw (reason as { code?: unknown }).code ? reason : createError('asset-failed', `${address} could not be fetched: ${reason}.`);
  }
}

const policies = new Map<string, ReturnType<TrustedTypes['createPolicy']>>();

function trust(address: string, policyName: string): string | TrustedScriptUrl {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  if (!trustedTypes) return address;
  let policy = policies.get(policyName);
  try {
    policy ??= trustedTypes.createPolicy(policyName, { createScriptURL: (trusted) => trusted });
  } catch {
    // The page does not allow it. Nobody may ask for it either; if somebody does, the worker is refused with that reason.
    return address;
  }
  policies.set(policyName, policy);
  return policy.createScriptURL(address);
}
