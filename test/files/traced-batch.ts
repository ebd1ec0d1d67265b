/** A batch in another process, of which strace makes one system call fail, or kills the process in its stead. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { DownloadBatchResult } from '../../src/contract/payloads';
import type { BatchOptions } from '../../src/download/batch-options';

const SCRIPT = path.join(__dirname, '../download/batch-once.cjs');

/** A CI that cannot fails instead of skipping. */
export const canTrace = spawnSync('strace', ['-V']).status === 0;
if (!canTrace && process.env.CI !== undefined)
  throw new Error('CI must have strace: it makes the disk fail');

/** What was done to the nth call of a thread, as strace writes it: `error=EIO`, `signal=KILL`; nothing for an empty one. */
export interface Injection {
  readonly calls: string;
  readonly nth: number;
  readonly what: string;
  /** Where strace writes the calls, with the paths of descriptors. */
  readonly log?: string;
}

export interface TracedEnd {
  /** The batch's own answer; null: it was killed. */
  readonly answer:
    DownloadBatchResult | { readonly code?: string; readonly message: string } | null;
}

export function traced(injection: Injection, note: (end: TracedEnd) => void) {
  return async (options: BatchOptions): Promise<DownloadBatchResult> => {
    const { dataRoot, input, attempt, config } = options;
    const { calls, nth, what } = injection;
    const child = spawn(
      'strace',
      [
        ...['-f', '-y', '-qq', '-o', injection.log ?? '/dev/null', '-e', `trace=${calls}`],
        ...(what === '' ? [] : ['-e', `inject=${calls}:${what}:when=${nth}`]),
        ...[process.execPath, SCRIPT],
      ],
      {
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
        // strace counts the calls of each thread: so all those that do not hold the event loop are one thread's.
        env: { ...process.env, UV_THREADPOOL_SIZE: '1' },
      },
    );
    let answer: TracedEnd['answer'] = null;
    child.on('message', (message: DownloadBatchResult) => (answer = message));
    child.send({ dataRoot, input, attempt, config, isApart: false });
    await once(child, 'exit');
    note({ answer });
    return { place: null, pause: null, readTo: 0, stored: 0, failed: 0, hosts: {}, tried: {} };
  };
}
