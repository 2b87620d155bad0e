// Child processes that must not outlive the tests.

import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const running = new Set();
process.once('exit', () => { for (const child of running) signal(child, 'SIGKILL'); });

function signal(child, name) {
  try {
    process.kill(-child.pid, name);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

/**
 * Starts a program as the leader of its own process group. `pipes` adds pipes from file descriptor 3 on.
 * The last of what it wrote to its output and error output is `said()`; with `binary`, the latter alone.
 */
export function start(program, parameters, { environment = {}, pipes = 0, binary = false } = {}) {
  const child = spawn(program, parameters, {
    detached: true,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe', ...Array(pipes).fill('pipe')],
  });
  let text = '';
  for (const stream of binary ? [child.stderr] : [child.stdout, child.stderr]) stream.on('data', (bytes) => { text = (text + bytes).slice(-4000); });
  child.said = () => text;
  running.add(child);
  child.once('exit', () => running.delete(child));
  child.once('error', (error) => { text += error.message; running.delete(child); });
  return child;
}

/** Ends the process group, by force after two seconds. */
export async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  signal(child, 'SIGTERM');
  const timer = setTimeout(() => signal(child, 'SIGKILL'), 2000);
  await ended;
  clearTimeout(timer);
}

/** A loopback port that nobody listens on. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/** Waits until `url` answers; fails when `child` ends before or after 20 s. */
export async function answering(url, child) {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (child.exitCode !== null) throw new Error(`${child.spawnfile} ended with ${child.exitCode}: ${child.said()}`);
    try {
      return await fetch(url);
    } catch {
      await delay(100);
    }
  }
  throw new Error(`${child.spawnfile} does not answer at ${url} after 20 s: ${child.said()}`);
}
