// Chromium through the DevTools protocol (playwright-core).

import { chromium } from 'playwright-core';
import { patiently } from './patience.mjs';

/** An adapter without a graphics card. ANGLE and Vulkan must be software too, or no canvas can be shared with it. */
const WEBGPU = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader', '--use-angle=swiftshader', '--enable-features=Vulkan', '--use-vulkan=swiftshader'];

export async function launch({ audio = 'none', flags = [], gesture = false, webgpu = false, viewport, colorScheme } = {}) {
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    // Playwright mutes by default, which would also silence the null sink.
    ignoreDefaultArgs: audio === 'none' ? [] : ['--mute-audio'],
    env: audio === 'none' ? process.env : { ...process.env, ...audio.environment },
    args: [
      '--no-sandbox', '--disable-quic', '--disable-background-networking', '--disable-component-update',
      '--disable-sync', '--no-first-run', '--enable-precise-memory-info',
      ...(gesture ? [] : ['--autoplay-policy=no-user-gesture-required']),
      ...(audio === 'none' ? ['--disable-audio-output'] : []),
      ...(webgpu ? WEBGPU : []),
      ...flags,
    ],
  });
  return {
    name: 'chromium',
    version: browser.version(),
    async open(url, { viewport: size = viewport, colorScheme: scheme = colorScheme, serviceWorkers = 'allow' } = {}) {
      const context = await browser.newContext({ viewport: size ?? { width: 1280, height: 800 }, colorScheme: scheme ?? 'light', serviceWorkers });
      const tab = await context.newPage();
      const lines = [];
      tab.on('console', (message) => lines.push(`${message.type()}: ${message.text()}`));
      tab.on('pageerror', (error) => lines.push(`uncaught: ${error.message}`));
      await tab.goto(url);
      return {
        console: lines,
        /** The Playwright page, for what only Chromium can do: keys, screenshots, DevTools sessions. */
        tab,
        evaluate(body, ...parameters) {
          const question = `(${body})(...${JSON.stringify(parameters)})`;
          return patiently(tab.evaluate(question), question);
        },
        close: () => context.close(),
      };
    },
    close: () => browser.close(),
  };
}
