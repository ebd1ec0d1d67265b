/** Starts the process of one batch, hears what it says, and tells how it ended. */
import { fork, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { StepError } from '../../contract/errors';
import type { DownloadBatchResult } from '../../contract/payloads';
import { AttemptFenced, isFenceCode, type AttemptFence } from '../attempt-fence';
import { BEAT_MS, type FromChild, type ToChild } from './batch-messages';
import type { BatchWatch } from '../batch-watch';
import type { BatchCounts, BatchOptions } from '../batch-options';

/** Beats of ours without a word from the child, after which it hangs: its event loop is no better than dead. */
const SILENT_BEATS = 20;

/** Beats after the order to stop. */
const STOP_BEATS = 8;

/** No entry was begun. */
export const NO_ENTRY = -1;

/** How a process ended: with the batch's result, or dead over an entry ({@link NO_ENTRY}: none, or not one by one). */
export type BatchEnd = { readonly counts: BatchCounts } & (
  | { readonly kind: 'returned'; readonly result: DownloadBatchResult }
  | { readonly kind: 'died'; readonly entry: number; readonly how: string }
);

export interface ProcessOptions {
  readonly isOneByOne: boolean;
  readonly poison: ReadonlyMap<number, string>;
  /** What processes before this one did. */
  readonly done: BatchCounts;
}

/** Mutable, one a process. */
interface Heard {
  entry: number;
  counts: BatchCounts;
  last: Extract<FromChild, { kind: 'returned' | 'failed' }> | null;
  silentBeats: number;
}

/** **Errors** those of the batch; the signal's reason, after the process has ended. */
export async function runBatchProcess(
  options: BatchOptions,
  { isOneByOne, poison, done }: ProcessOptions,
): Promise<BatchEnd> {
  const { dataRoot, input, attempt, config, fence, signal } = options;
  signal.throwIfAborted();
  const child = start();
  const heard: Heard = { entry: NO_ENTRY, counts: done, last: null, silentBeats: 0 };
  child.on('message', (message: FromChild) => {
    hear(heard, message, done);
    if (message.kind === 'progress') options.onProgress(heard.counts);
    passOn(options.watch, message);
  });
  send(child, {
    ...{ kind: 'job', dataRoot, input, attempt, config, isOneByOne },
    poison: [...poison],
    openUntilMs: fence.openUntilMs(),
  });
  const stopBeating = beat(child, heard, { fence, signal });
  try {
    const how = await ended(child);
    signal.throwIfAborted();
    return endOf(heard, how);
  } finally {
    stopBeating();
  }
}

/** From sources (tests) the child is the compiled one: Node cannot fork TypeScript. */
function start(): ChildProcess {
  const isSource = __filename.endsWith('.ts');
  const folder = isSource ? path.join(__dirname, '../../../dist/download/isolation') : __dirname;
  // A group of its own: Ctrl-C is the worker's, which tells it to stop. The environment is the worker's: it does the same work.
  return fork(path.join(folder, 'batch-process.js'), [], {
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
}

function hear(heard: Heard, message: FromChild, done: BatchCounts): void {
  heard.silentBeats = 0;
  if (message.kind === 'begins') heard.entry = message.entry;
  if (message.kind === 'progress') heard.counts = sumOf(done, message.counts);
  if (message.kind === 'returned' || message.kind === 'failed') heard.last = message;
}

function passOn(watch: BatchWatch, message: FromChild): void {
  if (message.kind === 'settled') watch.settled(message.line);
  if (message.kind === 'hostWaits') watch.hostWaits(message.wait);
  if (message.kind === 'ended') watch.ended(message.end);
}

function sumOf(a: BatchCounts, b: BatchCounts): BatchCounts {
  return { stored: a.stored + b.stored, failed: a.failed + b.failed };
}

/** Beats are counted, not time: after a SIGSTOP of ours the child is not to blame for the silence. */
function beat(
  child: ChildProcess,
  heard: Heard,
  { fence, signal }: { readonly fence: AttemptFence; readonly signal: AbortSignal },
): () => void {
  const stop = (): void => {
    send(child, { kind: 'stop' });
    heard.silentBeats = SILENT_BEATS - STOP_BEATS;
  };
  const timer = setInterval(() => {
    heard.silentBeats += 1;
    if (heard.silentBeats >= SILENT_BEATS) child.kill('SIGKILL');
    else send(child, { kind: 'beat', openUntilMs: fence.openUntilMs() });
  }, BEAT_MS);
  signal.addEventListener('abort', stop, { once: true });
  return () => {
    clearInterval(timer);
    signal.removeEventListener('abort', stop);
  };
}

/** A child that dies closes the channel first; how it died is told by its exit. */
function send(child: ChildProcess, message: ToChild): void {
  if (child.connected) child.send(message, () => undefined);
}

/** All that it said has been heard then. */
function ended(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status, signal) => {
      resolve(signal ?? `exit code ${String(status)}`);
    });
  });
}

function endOf({ last, counts, entry }: Heard, how: string): BatchEnd {
  if (last === null) return { kind: 'died', entry, how, counts };
  if (last.kind === 'returned') return { kind: 'returned', result: last.result, counts };
  if (isFenceCode(last.code)) throw new AttemptFenced(last.code);
  if (last.code !== null) throw new StepError(last.code, last.message);
  throw new Error(last.message);
}
