/**
 * Runs a batch in another process, in which strace may make one system call fail, or kill the
 * process at this call.
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
  /** Only calls on these files and folders count, which need not exist yet. */
  readonly paths?: readonly string[];
}

export interface TracedEnd {
  /** The result of the batch, or null if it was killed. */
  readonly answer:
    DownloadBatchResult | { readonly code?: string; readonly message: string } | null;
}

type Work = (options: BatchOptions) => Promise<DownloadBatchResult>;

export function traced(injection: Injection, note: (end: TracedEnd) => void): Work {
  const { calls, nth, what, log, paths } = injection;
  const strace = [
    // Whole ledger lines are written to the log.
    ...['strace', '-f', '-y', '-qq', '-s', '65536', '-o', log ?? '/dev/null'],
    ...['-e', `trace=${calls}`],
    ...(what === '' ? [] : ['-e', `inject=${calls}:${what}:when=${nth}`]),
    ...(paths ?? []).flatMap((file) => ['-P', file]),
  ];
  // strace counts calls per thread. With one pool thread, all asynchronous calls belong to it.
  return inProcess(strace, { UV_THREADPOOL_SIZE: '1' }, note);
}

/** The calls of which a slow disk delays each, by thousandths of a millisecond. */
const SLOW_CALLS = [
  ['fsync,fdatasync,syncfs', 20_000],
  ['link,linkat,rename,renameat,renameat2,unlink,unlinkat', 5_000],
] as const;

/**
 * Runs the batch on a disk that takes 20 ms for each sync and 5 ms for each change of a name.
 *
 * @param log the file to which strace writes these calls of all threads.
 */
export function onSlowDisk(log: string, note: (end: TracedEnd) => void): Work {
  const traced = SLOW_CALLS.map(([calls]) => calls).join(',');
  const delays = SLOW_CALLS.flatMap(([calls, us]) => ['-e', `inject=${calls}:delay_enter=${us}`]);
  const strace = ['strace', '-f', '-y', '-qq', '--seccomp-bpf', '-o', log, '-e', `trace=${traced}`];
  // The number of threads that workers have.
  return inProcess([...strace, ...delays], { UV_THREADPOOL_SIZE: '128' }, note);
}

/**
 * Runs the batch by another build.
 *
 * @param dist the folder of its compiled program.
 */
export function byBuild(dist: string, note: (end: TracedEnd) => void): Work {
  return inProcess([], { BATCH_DIST: dist }, note);
}

/** @param before the words before the command. */
function inProcess(
  before: readonly string[],
  variables: Readonly<Record<string, string>>,
  note: (end: TracedEnd) => void,
): Work {
  return async ({ dataRoot, input, attempt, config }) => {
    const [program, ...words] = [...before, process.execPath, SCRIPT];
    const child = spawn(program, words, {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      env: { ...process.env, ...variables },
    });
    let answer: TracedEnd['answer'] = null;
    child.on('message', (message: DownloadBatchResult) => (answer = message));
    child.send({ dataRoot, input, attempt, config, isApart: false });
    await once(child, 'exit');
    note({ answer });
    return { place: null, pause: null, readTo: 0, stored: 0, failed: 0, hosts: {}, tried: {} };
  };
}
