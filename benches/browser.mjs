// Chromium for benches.

import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { serve } from '../scripts/serve.mjs';

const LIMIT_MS = 180_000;

export const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
// A steady clock in place of a sound card, which a machine for measurements has not.
export const FLAGS = ['--no-sandbox', '--disable-audio-output', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'];
/** An adapter without a graphics card. */
export const WEBGPU_FLAGS = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader', '--use-angle=swiftshader', '--enable-features=Vulkan', '--use-vulkan=swiftshader'];

/**
 * Serves `folder` with `files` (name: path) beside it, opens its index and measures there once the page has set
 * `ready`, for `limitMs` at most. Resolves to `{ measured, version }`.
 */
export async function onPage({ folder, files, flags = [], limitMs = LIMIT_MS, measure }) {
  const site = await mkdtemp(join(tmpdir(), 'rusty-audio-bench-'));
  await cp(folder, site, { recursive: true });
  for (const [name, path] of Object.entries(files)) await cp(path, join(site, name), { recursive: true });
  const server = await serve(site);
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: [...FLAGS, ...flags] });
  try {
    const page = await browser.newPage();
    const failed = new Promise((_, reject) => { page.once('pageerror', reject); });
    const limit = new Promise((_, reject) => { setTimeout(() => reject(new Error(`The bench did not end within ${limitMs / 1e3} s.`)), limitMs).unref(); });
    await page.goto(server.address);
    const measured = await Promise.race([failed, limit, page.waitForFunction(() => globalThis.ready).then(() => measure(page))]);
    return { measured, version: browser.version() };
  } finally {
    await browser.close();
    await server.close();
    await rm(site, { recursive: true });
  }
}
