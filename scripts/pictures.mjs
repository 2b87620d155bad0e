// Takes the README's pictures of the demo page, while it plays: docs/pictures/*.png. Needs chromium and target/www.
//
//   node scripts/pictures.mjs

import { mkdir } from 'node:fs/promises';
import { chromium } from 'playwright-core';
import { serve } from './serve.mjs';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const PICTURES = [
  { name: 'page-light', colorScheme: 'light', viewport: { width: 1280, height: 900 } },
  { name: 'page-dark', colorScheme: 'dark', viewport: { width: 1280, height: 900 } },
  { name: 'page-phone', colorScheme: 'dark', viewport: { width: 390, height: 844 } },
];
// A place where the piece is in full swing.
const POSITION_S = 24;
const SETTLE_MS = 3000;

const server = await serve(`${process.env.CARGO_TARGET_DIR ?? 'target'}/www`);
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-audio-output'] });
await mkdir('docs/pictures', { recursive: true });
for (const { name, ...options } of PICTURES) {
  const page = await browser.newPage(options);
  await page.goto(server.address);
  await page.locator('#play-button:enabled').waitFor();
  await page.keyboard.press('Space');
  await page.evaluate((seconds) => { globalThis.rustyAudio.player.currentTime = seconds; }, POSITION_S);
  await page.waitForTimeout(SETTLE_MS);
  await page.screenshot({ path: `docs/pictures/${name}.png` });
  await page.close();
}
await browser.close();
await server.close();
