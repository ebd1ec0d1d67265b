/** Starts the process of one batch, handles its messages, and reports how it ended. */
import { fork, type ChildProcess } from 'node:child_process';
import { builtFile } from '../../files/process/built-file';
import { waitForExit } from '../../files/process/wait-for-exit';
import { StepError } from '../../contract/errors';
import type { DownloadBatchResult } from '../../contract/payloads';
import { AttemptFenced, isFenceCode, type AttemptFence } from '../attempt-fence';
import { BEAT_MS, type FromChild, type ToChild } from './batch-messages';
import type { BatchWatch } from '../batch-watch';
import type { BatchCounts, BatchOptions } from '../batch-options';

/**
 * After this many heartbeats of the worker without a message from the child, the child hangs and is
 * killed.
 */
const SILENT_BEATS = 20;

/** Heartbeats that the child has left after the order to stop. */
const STOP_BEATS = 8;

/** The value of `entry` when no entry was begun. */
export const NO_ENTRY = -1;

/**
 * How a process ended: with the batch's result, or by its death. `entry` is the entry on which it
 * worked, or {@link NO_ENTRY} if there was none or it worked on several at once.
 */
export type BatchEnd = { readonly counts: BatchCounts } & (
  | { readonly kind: 'returned'; readonly result: DownloadBatchResult }
  | { readonly kind: 'died'; readonly entry: number; readonly how: string }
);

export interface ProcessOptions {
  readonly isOneByOne: boolean;
  readonly poison: ReadonlyMap<number, string>;
  /** The counts of earlier processes of this batch. */
  readonly done: BatchCounts;
}

/** Mutable state, one object per process. */
interface ChildReports {
  entry: number;
  counts: BatchCounts;
  last: Extract<FromChild, { kind: 'returned' | 'failed' }> | null;
  silentBeats: number;
}

/** @throws what the batch throws; the signal's reason, after the process has ended. */
export async function runBatchProcess(
  options: BatchOptions,
  { isOneByOne, poison, done }: ProcessOptions,
): Promise<BatchEnd> {
  const { dataRoot, input, attempt, config, fence, signal } = options;
  signal.throwIfAborted();
  const child = forkBatchProcess();
  const reports: ChildReports = { entry: NO_ENTRY, counts: done, last: null, silentBeats: 0 };
  child.on('message', (message: FromChild) => {
    recordMessage(reports, message, done);
    if (message.kind === 'progress') options.onProgress(reports.counts);
    forwardToWatch(options.watch, message);
  });
  sendToChild(child, {
    kind: 'job',
    dataRoot,
    input,
    attempt,
    config,
    isOneByOne,
    poison: [...poison],
    openUntilMs: fence.openUntilMs(),
  });
  const stopHeartbeats = startHeartbeats(child, reports, { fence, signal });
  try {
    const how = await waitForExit(child);
    signal.throwIfAborted();
    return batchEndOf(reports, how);
  } finally {
    stopHeartbeats();
  }
}

function forkBatchProcess(): ChildProcess {
  // The child has a process group of its own, so that Ctrl-C reaches only the worker, which then
  // stops the child. It inherits the worker's environment because it does the same work.
  return fork(builtFile('download/isolation/batch-process.js'), [], {
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
}

function recordMessage(reports: ChildReports, message: FromChild, done: BatchCounts): void {
  reports.silentBeats = 0;
  if (message.kind === 'begins') reports.entry = message.entry;
  if (message.kind === 'progress') reports.counts = addCounts(done, message.counts);
  if (message.kind === 'returned' || message.kind === 'failed') reports.last = message;
}

function forwardToWatch(watch: BatchWatch, message: FromChild): void {
  if (message.kind === 'settled') watch.settled(message.line);
  if (message.kind === 'hostWaits') watch.hostWaits(message.wait);
  if (message.kind === 'ended') watch.ended(message.end);
}

function addCounts(a: BatchCounts, b: BatchCounts): BatchCounts {
  return { stored: a.stored + b.stored, failed: a.failed + b.failed };
}

/**
 * Counts heartbeats instead of time: after a SIGSTOP of the worker, silence would not be the
 * child's fault.
 */
function startHeartbeats(
  child: ChildProcess,
  reports: ChildReports,
  { fence, signal }: { readonly fence: AttemptFence; readonly signal: AbortSignal },
): () => void {
  const sendStop = (): void => {
    sendToChild(child, { kind: 'stop' });
    reports.silentBeats = SILENT_BEATS - STOP_BEATS;
  };
  const timer = setInterval(() => {
    reports.silentBeats += 1;
    if (reports.silentBeats >= SILENT_BEATS) child.kill('SIGKILL');
    else sendToChild(child, { kind: 'beat', openUntilMs: fence.openUntilMs() });
  }, BEAT_MS);
  signal.addEventListener('abort', sendStop, { once: true });
  return () => {
    clearInterval(timer);
    signal.removeEventListener('abort', sendStop);
  };
}

/** A child that dies closes the channel first. Its exit event reports how it died. */
function sendToChild(child: ChildProcess, message: ToChild): void {
  if (child.connected) child.send(message, () => undefined);
}

function batchEndOf({ last, counts, entry }: ChildReports, how: string): BatchEnd {
  if (last === null) return { kind: 'died', entry, how, counts };
  if (last.kind === 'returned') return { kind: 'returned', result: last.result, counts };
  if (isFenceCode(last.code)) throw new AttemptFenced(last.code);
  if (last.code !== null) throw new StepError(last.code, last.message);
  throw new Error(last.message);
}
