// Chromium with tabs that hide each other as they do for a person (puppeteer-core). Playwright keeps every page
// visible and unthrottled, which is what all other suites want.

import puppeteer from 'puppeteer-core';
import { PATIENCE_MS } from './patience.mjs';

export async function launch() {
  const browser = await puppeteer.launch({
    executablePath: '/usr/bin/chromium',
    protocolTimeout: PATIENCE_MS,
    ignoreDefaultArgs: ['--disable-background-timer-throttling', '--disable-backgrounding-occluded-windows', '--disable-renderer-backgrounding'],
    args: [
      '--no-sandbox', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run',
      '--autoplay-policy=no-user-gesture-required', '--disable-audio-output',
    ],
  });
  return {
    name: 'chromium',
    version: await browser.version(),
    /** The number of the browser's own process. */
    pid: browser.process().pid,
    async open(url) {
      const page = await browser.newPage();
      const lines = [];
      page.on('console', (message) => lines.push(`${message.type()}: ${message.text()}`));
      await page.goto(url);
      return {
        console: lines,
        /** The Puppeteer page. */
        tab: page,
        evaluate: (body, ...parameters) => page.evaluate(`(${body})(...${JSON.stringify(parameters)})`),
        /** Brings another tab to the front. Resolves to what brings the page back. */
        async hide() {
          const other = await browser.newPage();
          await other.bringToFront();
          return async () => {
            await page.bringToFront();
            await other.close();
          };
        },
        close: () => page.close(),
      };
    },
    close: () => browser.close(),
  };
}
