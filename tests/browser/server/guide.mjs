// The programs of the user guide as a site: a folder that the guide tells a reader to make.

import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { programs } from '../../../scripts/docs/page.mjs';
import { trackPath } from '../sound/reference.mjs';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** The programs, by the name of their file. */
export const guidePrograms = programs(readFileSync(`${root}docs/MULTITHREADED_WASM_USER_GUIDE.md`, 'utf8'));

/** Makes the site; gives `{ folder, remove }`. */
export function makeGuideSite() {
  const folder = mkdtempSync(join(tmpdir(), 'guide-'));
  // Servers that begin as root read as somebody else.
  chmodSync(folder, 0o755);
  cpSync(`${root}target/package`, join(folder, 'rusty-audio'), { recursive: true });
  cpSync(trackPath('lanterns.flac'), join(folder, 'track.flac'));
  for (const [name, text] of Object.entries(guidePrograms)) writeFileSync(join(folder, name), text);
  writeFileSync(join(folder, 'favicon.ico'), '');
  // A page on which any of the programs can run.
  writeFileSync(join(folder, 'blank.html'), '<!doctype html><meta charset="utf-8"><title>A program of the guide</title>');
  return { folder, remove: () => rmSync(folder, { recursive: true }) };
}
