// Checks what modules weigh when they are sent: node scripts/proof/weight.mjs FOLDER TABLE
//
// The table is a list of { files, bytes }: what the files may weigh together.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';

/** Bytes with brotli at its best. */
export function weight(content) {
  const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY, [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
  return brotliCompressSync(content, { params }).length;
}

/** A sentence on contents that weigh more than they may; '' if they do not. */
export function complaint(contents, limit) {
  const bytes = contents.reduce((sum, content) => sum + weight(content), 0);
  return bytes > limit ? `${bytes} bytes with brotli, more than ${limit}.` : '';
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder, table] = process.argv.slice(2);
  for (const { files, bytes } of JSON.parse(readFileSync(table, 'utf8'))) {
    const contents = files.map((file) => readFileSync(join(folder, file)));
    const sentence = complaint(contents, bytes);
    if (sentence === '') {
      console.log(`${files.join(' + ')}: ${contents.reduce((sum, content) => sum + weight(content), 0)} bytes with brotli, of ${bytes}.`);
    } else {
      console.error(`${files.join(' + ')}: ${sentence}`);
      process.exitCode = 1;
    }
  }
}
