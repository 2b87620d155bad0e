// The processes of a browser, as Linux tells of them.

import { readFileSync, readdirSync } from 'node:fs';

/** A process and all that it has started: { pid, command }. */
export function tree(root) {
  const all = [];
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const [, parent] = readFileSync(`/proc/${name}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
      all.push({ pid: Number(name), parent: Number(parent), command: readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ') });
    } catch {
      // It has ended meanwhile.
    }
  }
  const found = new Set([root]);
  for (let size = 0; size !== found.size;) {
    size = found.size;
    for (const { pid, parent } of all) if (found.has(parent)) found.add(pid);
  }
  return all.filter(({ pid }) => found.has(pid));
}

/** Bytes that the processes have to themselves, and their shares of what they have together. */
export function memoryBytes(processes) {
  const share = ({ pid }) => {
    try {
      return 1024 * Number(/^Pss: +(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))[1]);
    } catch {
      return 0;
    }
  };
  return processes.reduce((sum, process) => sum + share(process), 0);
}
