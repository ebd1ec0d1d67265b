/**
 * Kills the warehouse worker around a commit, which the lock on the file shows (Linux:
 * /proc/locks).
 */
import { setTimeout as delay } from 'node:timers/promises';
import { fileHolder } from '../../../src/files/process/file-holder';
import type { Command } from '../runs/pipeline';

/**
 * Kills the worker `before` (when the file is opened), `inside` (`insideMs` later) or `after` (when
 * the lock has been released).
 */
export async function killAround(options: {
  readonly when: 'before' | 'inside' | 'after';
  readonly warehouse: string;
  readonly worker: Command;
  readonly insideMs: number;
}): Promise<void> {
  const { when, warehouse, worker, insideMs } = options;
  const isHeld = (): boolean => fileHolder(warehouse)?.pid === worker.pid;
  const deadline = Date.now() + 150_000;
  while (!isHeld()) {
    if (Date.now() > deadline) throw new Error('no commit came');
    await delay(1);
  }
  if (when === 'inside') await delay(insideMs);
  if (when === 'after') while (isHeld()) await delay(1);
  worker.kill('SIGKILL');
  await worker.finished;
}
