/**
 * Runs a batch in another process in which strace makes one system call fail, or kills the process
 * at this call.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { DownloadBatchResult } from '../../src/contract/payloads';
import type { BatchOptions } from '../../src/download/batch-options';

const SCRIPT = path.join(__dirname, '../download/batch-once.cjs');

/** Without strace these tests are skipped. In CI a missing strace is an error. */
export const canTrace = spawnSync('strace', ['-V']).status === 0;
if (!canTrace && process.env.CI !== undefined)
  throw new Error('CI must have strace: it makes the disk fail');

/**
 * What strace does at the nth call of a thread, in its own notation: `error=EIO`, `signal=KILL`.
 * Empty for no injection.
 */
export interface Injection {
  readonly calls: string;
  readonly nth: number;
  readonly what: string;
  /** File to which strace writes the calls, with the paths of descriptors. */
  readonly log?: string;
}

export interface TracedEnd {
  /** The result of the batch, or null if it was killed. */
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
        '-f',
        '-y',
        '-qq',
        '-o',
        injection.log ?? '/dev/null',
        '-e',
        `trace=${calls}`,
        ...(what === '' ? [] : ['-e', `inject=${calls}:${what}:when=${nth}`]),
        process.execPath,
        SCRIPT,
      ],
      {
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
        // strace counts calls per thread. With one pool thread, all asynchronous calls belong to
        // it.
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
