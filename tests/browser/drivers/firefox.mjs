// Firefox through WebDriver BiDi (puppeteer-core). Without an audio server AudioContext.resume() never
// settles there, so `audio` is required.

import puppeteer from 'puppeteer-core';
import { PATIENCE_MS } from './patience.mjs';

export async function launch({ audio, webgpu = false, preferences = {} }) {
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: '/usr/bin/firefox-esr',
    headless: true,
    env: { ...process.env, ...audio.environment },
    extraPrefsFirefox: {
      'media.autoplay.default': 0,
      'media.autoplay.blocking_policy': 0,
      'network.captive-portal-service.enabled': false,
      'network.connectivity-service.enabled': false,
      'browser.safebrowsing.update.enabled': false,
      ...(webgpu ? { 'dom.webgpu.enabled': true, 'gfx.webgpu.ignore-blocklist': true } : {}),
      ...preferences,
    },
    protocolTimeout: PATIENCE_MS,
  });
  return {
    name: 'firefox',
    version: await browser.version(),
    async open(url) {
      const tab = await browser.newPage();
      const lines = [];
      tab.on('console', (message) => lines.push(`${message.type()}: ${message.text()}`));
      tab.on('pageerror', (error) => lines.push(`uncaught: ${error.message}`));
      await tab.goto(url);
      return {
        console: lines,
        tab,
        evaluate: (body, ...parameters) => tab.evaluate(`(${body})(...${JSON.stringify(parameters)})`),
        close: () => tab.close(),
      };
    },
    close: () => browser.close(),
  };
}
