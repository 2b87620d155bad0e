// WebKitGTK's MiniBrowser through WebKitWebDriver (selenium-webdriver), under an X server and a message
// bus of its own. It has one window: opening a page leaves the one before.

import { existsSync, readdirSync } from 'node:fs';
import { Builder, Capabilities } from 'selenium-webdriver';
import { PATIENCE_MS, patiently } from './patience.mjs';
import { freePort, start, stop, answering } from './process.mjs';

/** Where Debian's and Fedora's libraries keep the browser that WebKitWebDriver drives. */
function miniBrowser() {
  for (const folder of ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/libexec']) {
    if (!existsSync(folder)) continue;
    const library = readdirSync(folder).filter((name) => name.startsWith('webkit')).sort().at(-1);
    if (library && existsSync(`${folder}/${library}/MiniBrowser`)) return `${folder}/${library}/MiniBrowser`;
  }
  throw new Error('MiniBrowser is missing: install the package webkit2gtk-driver');
}

/** After this long its processes are ended without being asked. */
const QUIT_MS = 10_000;

export async function launch({ audio = 'none', shared = true } = {}) {
  const screen = start('Xvfb', ['-displayfd', '3', '-screen', '0', '1280x800x24', '-nolisten', 'tcp'], { pipes: 1 });
  const display = await new Promise((resolve, reject) => {
    let text = '';
    screen.stdio[3].on('data', (bytes) => { text += bytes; if (text.endsWith('\n')) resolve(text.trim()); });
    screen.once('exit', (code) => reject(new Error(`Xvfb ended with ${code}: ${screen.said()}`)));
  });
  const port = await freePort();
  const driverProcess = start('dbus-run-session', ['--', 'WebKitWebDriver', `--port=${port}`], {
    environment: {
      DISPLAY: `:${display}`,
      GDK_BACKEND: 'x11',
      WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1',
      LIBGL_ALWAYS_SOFTWARE: '1',
      ...(shared ? { JSC_useSharedArrayBuffer: '1' } : {}),
      ...(audio === 'none' ? {} : audio.environment),
    },
  });
  const address = `http://127.0.0.1:${port}`;
  await answering(`${address}/status`, driverProcess);
  const capabilities = new Capabilities({
    'browserName': 'MiniBrowser',
    'webkitgtk:browserOptions': { binary: miniBrowser(), args: ['--automation', '--autoplay-policy=allow'] },
  });
  const driver = await new Builder().usingServer(address).withCapabilities(capabilities).build();
  await driver.manage().setTimeouts({ script: PATIENCE_MS, pageLoad: 60_000 });
  // The limits of WebDriver are the page's to keep, and a page whose main thread stands keeps none.
  const go = (url) => patiently(driver.get(url), url);
  return {
    name: 'webkit',
    version: (await driver.getCapabilities()).getBrowserVersion(),
    async open(url) {
      await go(url);
      return {
        console: [],
        driver,
        async evaluate(body, ...parameters) {
          const outcome = await patiently(driver.executeAsyncScript(`
            const done = arguments[arguments.length - 1];
            Promise.resolve().then(() => (${body})(...arguments[0]))
              .then((value) => done({ value }), (error) => done({ error: String(error), stack: error && error.stack }));`, parameters), `(${body})(...${JSON.stringify(parameters)})`);
          if (outcome.error !== undefined) throw new Error(`${outcome.error}\n${outcome.stack}`);
          return outcome.value ?? undefined;
        },
        close: () => go('about:blank'),
      };
    },
    async close() {
      await patiently(driver.quit(), 'to quit', QUIT_MS).catch(() => {});
      await stop(driverProcess);
      await stop(screen);
    },
  };
}
