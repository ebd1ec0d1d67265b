/** kill -9 of the warehouse worker around a commit, told by the lock on the file (Linux: /proc/locks). */
import { setTimeout as delay } from 'node:timers/promises';
import { fileHolder } from '../../src/files/process/file-holder';
import type { Command } from './pipeline';

/** `before`: the moment the file is opened. `inside`: so long after it. `after`: the moment the lock is gone. **Units** ms. */
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
