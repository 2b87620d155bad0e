// The files that the other suites measure with: the master is what the program composes, and every format
// decodes (by ffmpeg) to it.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { assertNear, assertSame } from '../sound/compare.mjs';
import { formats } from '../sound/formats.mjs';
import { decode, trackPath } from '../sound/reference.mjs';
import { frameCount } from '../sound/sound.mjs';

const repository = fileURLToPath(new URL('../../../', import.meta.url));
const master = await decode(trackPath('lanterns.flac'));

test('the master is what the program composes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rusty-audio-compose-'));
  try {
    execFileSync('cargo', ['run', '--release', '--quiet', '-p', 'rusty-audio-compose', '--', join(folder, 'composed.wav')], { cwd: repository });
    const samples = readFileSync(join(folder, 'composed.wav')).subarray(44);
    // FLAC keeps the MD5 of the unencoded samples in its first metadata block, 18 bytes after the block's header.
    const declared = readFileSync(trackPath('lanterns.flac')).subarray(8 + 18, 8 + 34).toString('hex');
    assert.equal(createHash('md5').update(samples).digest('hex'), declared);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('every file is in the table, and the other way round', () => {
  assert.deepEqual(readdirSync(trackPath('')).sort(), Object.keys(formats).sort());
});

// The encoders' own delay is what keeps these from lining up with the master.
const shifted = { 'lanterns-untagged.mp3': 1105, 'lanterns.aac': 1024 };

for (const [name, format] of Object.entries(formats).filter(([name]) => name.startsWith('lanterns') && name !== 'lanterns.opus')) {
  test(`${name} is the master`, async () => {
    const sound = await decode(trackPath(name));
    assert.ok(frameCount(sound) >= format.frames, `${frameCount(sound)} frames`);
    if (format.lossless) assertSame(sound, master, 0, 0, format.frames);
    else assertNear(sound, master, shifted[name] ?? 0, 0, frameCount(master) - 2048, -20);
  });
}
