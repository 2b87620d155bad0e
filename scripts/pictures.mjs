// Takes the README's pictures of the demo page, while it plays: docs/pictures/*.png. Needs chromium and target/www.
//
//   node scripts/pictures.mjs

import { mkdir } from 'node:fs/promises';
import { chromium } from 'playwright-core';
import { WEBGPU_FLAGS } from '../benches/browser.mjs';
import { serve } from './serve.mjs';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const PICTURES = [
  { name: 'page-light', colorScheme: 'light', viewport: { width: 1280, height: 900 } },
  { name: 'page-dark', colorScheme: 'dark', viewport: { width: 1280, height: 900 } },
  { name: 'page-phone', colorScheme: 'dark', viewport: { width: 390, height: 844 } },
  { name: 'rack', colorScheme: 'light', viewport: { width: 1280, height: 1000 }, query: '?preset=Loud', section: '.rack' },
  { name: 'spectrum', colorScheme: 'dark', viewport: { width: 1280, height: 900 }, section: '.spectrum' },
  { name: 'hud', colorScheme: 'light', viewport: { width: 1280, height: 1400 }, query: '?hud=1', section: '.hud', room: 0.5, seen: 25_000 },
  { name: 'panel', colorScheme: 'light', viewport: { width: 1280, height: 900 }, broken: true },
];
// What is pressed before the picture of the panel, in this order, and how many workers there are then.
const PRESSED = ['kill-worker-button', 'hang-worker-button', 'trap-audio-button', 'trap-worker-button', 'kill-all-button'];
const WORKERS = 3;
const MARGIN = 32;
const BETWEEN_MS = 4000;
// A place where the piece is in full swing.
const POSITION_S = 24;
const SETTLE_MS = 3000;

const server = await serve(`${process.env.CARGO_TARGET_DIR ?? 'target'}/www`);
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-audio-output', ...WEBGPU_FLAGS] });
await mkdir('docs/pictures', { recursive: true });
/** Turns the room up, breaks the engine in every way that takes no time, and takes a picture of the panel. */
async function pictureOfPanel(page, path) {
  await page.evaluate((workers) => globalThis.rustyAudio.engine.resize(workers), WORKERS);
  await page.locator('#room-bar').fill('0.5');
  for (const id of PRESSED) {
    await page.waitForTimeout(BETWEEN_MS);
    await page.locator(`#${id}`).press('Enter');
  }
  await page.waitForTimeout(BETWEEN_MS);
  await page.evaluate(() => document.activeElement.blur());
  const { x, y, width, height } = await page.locator('.faults').boundingBox();
  const scrolled = await page.evaluate(() => scrollY);
  await page.screenshot({ path, fullPage: true, clip: { x: x - MARGIN, y: y + scrolled, width: width + 2 * MARGIN, height: height + MARGIN / 2 } });
}

/** Takes a picture of a part of the page that has been in sight for a while. */
async function pictureOfSection(page, section, milliseconds, path) {
  await page.locator(section).scrollIntoViewIfNeeded();
  await page.waitForTimeout(milliseconds);
  await page.locator(section).screenshot({ path });
}

for (const { name, broken, section, query = '', room, seen = SETTLE_MS, ...options } of PICTURES) {
  const page = await browser.newPage(options);
  await page.goto(server.address + query);
  await page.locator('#play-button:enabled').waitFor();
  await page.keyboard.press('Space');
  await page.evaluate((seconds) => { globalThis.rustyAudio.player.currentTime = seconds; }, POSITION_S);
  if (room) await page.locator('#room-bar').fill(String(room));
  await page.waitForTimeout(SETTLE_MS);
  const path = `docs/pictures/${name}.png`;
  if (broken) await pictureOfPanel(page, path);
  else if (section) await pictureOfSection(page, section, seen, path);
  else await page.screenshot({ path });
  await page.close();
}
await browser.close();
await server.close();
