// The browsers of the suites behind one interface:
//
//   const browser = await launch('chromium', options)   // 'chromium-tabs', 'firefox', 'webkit'
//   const page = await browser.open(url)
//   await page.evaluate(async (a, b) => …, a, b)         // runs in the page; arguments and result are JSON
//   page.console                                         // lines the page wrote, where the browser tells
//   await page.close(); await browser.close()
//
// Options:
//   audio   'none' (Chromium's steady fake clock), or a server started by pulseaudio.mjs
//   shared  WebKit only: false takes SharedArrayBuffer away
//   flags   more command-line flags (Chromium only)
//   preferences  Firefox only: more preferences, by name
//   webgpu  Chromium and Firefox: true gives pages a WebGPU adapter, a software one if need be
//   gesture Chromium only: true keeps the rule that sound needs a user gesture

import { existsSync } from 'node:fs';

const browsers = {
  chromium: { module: './chromium.mjs', needs: ['/usr/bin/chromium'] },
  'chromium-tabs': { module: './chromium_tabs.mjs', needs: ['/usr/bin/chromium'] },
  firefox: { module: './firefox.mjs', needs: ['/usr/bin/firefox-esr', '/usr/bin/pulseaudio'] },
  webkit: { module: './webkit.mjs', needs: ['/usr/bin/WebKitWebDriver', '/usr/bin/Xvfb', '/usr/bin/dbus-run-session'] },
};

/** Why `name` cannot be driven on this machine, or false; the value that node:test takes for `skip`. */
export function missing(name) {
  const absent = browsers[name].needs.filter((path) => !existsSync(path));
  if (absent.length === 0) return false;
  const reason = `${name} needs ${absent.join(', ')}`;
  if (process.env.CI === 'true') throw new Error(`${reason}, and with CI=true its absence is a failure`);
  return reason;
}

export async function launch(name, options = {}) {
  const { launch: start } = await import(browsers[name].module);
  return start(options);
}
