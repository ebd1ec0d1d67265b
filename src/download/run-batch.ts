/** One batch: a stretch of a lane, from its place, until its time box or the lane's end. */
import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { DownloadConfig } from '../config';
import type { DownloadBatchInput, DownloadBatchResult, LanePlace } from '../contract/payloads';
import type { PlanEntry } from '../contract/plan-entry';
import { checkFreeSpace } from '../files/identity';
import { settledInLane, settledKey } from '../files/ledger-reader';
import { isRecalled } from '../files/recall';
import { openLedger, type LedgerWriter } from '../files/ledger-writer';
import type { ImageChecker } from '../images/image-checker';
import { createBatchProgress, type BatchProgress } from './batch-progress';
import { createBatchClient, type BatchClient } from './batch-client';
import { createLongestWait, type LongestWait } from './longest-wait';
import type { BatchWatch } from './batch-watch';
import type { LineSource } from './outcome-line';
import { readPlanEntries, type PlacedEntry } from './plan-reader';
import { recordEntry } from './record-entry';
import { settledSibling } from './settled-sibling';
import type { StallWatch } from './stall-watch';
import { poisoned, settleEntry, type EntryRun, type Settled } from './settle-entry';

/** Entries under way or waiting for their host's budget; the checks behind them are bounded with them. */
const LOOK_AHEAD = 256;

/** **Source** design: ledgers are fsynced each second. **Units** ms. */
const SYNC_MS = 1_000;

export interface BatchOptions {
  readonly dataRoot: string;
  readonly input: DownloadBatchInput;
  /** Temporal's. */
  readonly attempt: number;
  readonly config: DownloadConfig;
  readonly checker: ImageChecker;
  readonly stalls: StallWatch;
  /** Cancel, pause, reset, a lost heartbeat, the worker's shutdown: stop at once. */
  readonly signal: AbortSignal;
  readonly watch: BatchWatch;
  readonly onProgress: (counts: BatchCounts) => void;
  /** One entry after another, and told which, so that it is known over which of them the process dies. */
  readonly onlyEntry?: (entry: number) => void;
  /** Entries over which it did, again and again, and how: they fail without a request. */
  readonly poison?: ReadonlyMap<number, string>;
}

export interface BatchCounts {
  readonly stored: number;
  readonly failed: number;
}

/** Mutable, one an execution. */
interface Batch {
  readonly options: BatchOptions;
  readonly source: LineSource;
  readonly ledger: LedgerWriter;
  readonly client: BatchClient;
  readonly progress: BatchProgress;
  readonly settled: ReadonlySet<string>;
  readonly counts: { stored: number; failed: number };
  readonly wait: LongestWait;
  readonly under: Set<Promise<void>>;
  /** Who waits for one of them to end. */
  onRoom: (() => void) | null;
  /** Aborted by the caller's signal or by the first error of any entry. */
  readonly stop: AbortController;
  /** The time box has ended, or the batch was called back. */
  isOver: boolean;
  error: { readonly reason: unknown } | null;
}

/**
 * Works on a lane from `input.place`.
 *
 * **Idempotency** what the lane's ledgers settle is skipped.
 * **Errors** StepError disk_*: nothing is recorded for the images concerned; the signal's reason, after the ledger was closed.
 */
export async function runBatch(options: BatchOptions): Promise<DownloadBatchResult> {
  const { dataRoot, input, config } = options;
  options.signal.throwIfAborted();
  await checkFreeSpace(dataRoot, config.minFreeBytes);
  const batch = await openBatch(options);
  const onAbort = (): void => {
    fail(batch, options.signal.reason);
  };
  options.signal.addEventListener('abort', onAbort, { once: true });
  const sync = setInterval(() => {
    guard(batch, () => {
      batch.ledger.sync();
      endIfRecalled(batch);
    });
  }, SYNC_MS);
  const timeBox = setTimeout(() => {
    end(batch);
  }, input.timeBoxSeconds * 1_000);
  try {
    endIfRecalled(batch);
    const isLaneRead = await takeEntries(batch);
    await Promise.all(batch.under);
    if (batch.error !== null) throw batch.error.reason as Error;
    const result = resultOf(batch, isLaneRead);
    options.watch.ended({ execution: batch.source.execution, result });
    return result;
  } finally {
    clearInterval(sync);
    clearTimeout(timeBox);
    options.signal.removeEventListener('abort', onAbort);
    await Promise.allSettled(batch.under);
    batch.ledger.close();
    await batch.client.close();
  }
}

async function openBatch(options: BatchOptions): Promise<Batch> {
  const { dataRoot: root, input, attempt } = options;
  const { runId, lane, dispatch, previousDispatch, place } = input;
  // Not the attempt: it starts again at 1 after a reset, and a stopped process may go on beside its successor.
  const stop = new AbortController();
  // Every request under way listens.
  setMaxListeners(2 * LOOK_AHEAD, stop.signal);
  const execution = randomBytes(8).toString('hex');
  const settled = await settledInLane({ root, runId, lane, sinceDispatch: previousDispatch });
  return {
    options,
    source: { lane, execution, dispatch, attempt },
    ledger: openLedger({ root, runId, lane, execution }),
    client: createBatchClient(options, execution),
    progress: createBatchProgress(place),
    settled,
    counts: { stored: 0, failed: 0 },
    wait: createLongestWait(),
    under: new Set(),
    onRoom: null,
    stop,
    isOver: false,
    error: null,
  };
}

/** Starts entries until the time box, a long wait, an error or the lane's end; true when the lane was read to its end. */
async function takeEntries(batch: Batch): Promise<boolean> {
  const { dataRoot: root, input } = batch.options;
  const { runId, lane, place } = input;
  const entriesAtOnce = batch.options.onlyEntry === undefined ? LOOK_AHEAD : 1;
  for await (const placed of readPlanEntries({ root, runId, lane, place })) {
    if (batch.under.size >= entriesAtOnce) await roomIn(batch);
    if (batch.wait.isAsked() || batch.error !== null || batch.isOver) return false;
    start(batch, placed);
  }
  return true;
}

/** What is in flight finishes; what has not been sent is for the lane's next batch. */
function end(batch: Batch): void {
  batch.isOver = true;
  batch.client.leaveAll();
}

function endIfRecalled(batch: Batch): void {
  const { dataRoot: root, input } = batch.options;
  if (!batch.isOver && isRecalled({ root, runId: input.runId }, input.dispatch)) end(batch);
}

/** Not Promise.race: over hundreds of promises, again for every entry, it would be half of the work. */
function roomIn(batch: Batch): Promise<void> {
  return new Promise((resolve) => {
    batch.onRoom = () => {
      batch.onRoom = null;
      resolve();
    };
  });
}

function start(batch: Batch, placed: PlacedEntry): void {
  const mark = batch.progress.begin(placed);
  const entry = unsettledPart(batch, placed.entry);
  if (entry.ids.length === 0) {
    mark.settle();
    return;
  }
  const number = placed.at.entry;
  batch.options.onlyEntry?.(number);
  const work = settleOne(batch, placed, entry)
    .then((isSettled) => {
      if (isSettled) mark.settle();
    })
    .catch((error: unknown) => {
      fail(batch, error);
    })
    .finally(() => {
      batch.under.delete(work);
      batch.onRoom?.();
    });
  batch.under.add(work);
}

function unsettledPart({ settled }: Batch, entry: PlanEntry): PlanEntry {
  if (settled.size === 0) return entry;
  return {
    ...entry,
    ids: entry.ids.filter(({ id, urlHash }) => !settled.has(settledKey(id, urlHash))),
  };
}

async function settleOne(batch: Batch, placed: PlacedEntry, entry: PlanEntry): Promise<boolean> {
  const { options, client } = batch;
  const poison = options.poison?.get(placed.at.entry);
  const gate = client.gateFor(entry.url);
  const run: EntryRun = {
    tools: client.tools,
    gate,
    attempts: Math.min(
      options.config.attempts,
      options.input.limits.attempts ?? options.config.attempts,
    ),
    signal: batch.stop.signal,
    onLongWait: (waitMs, code) => {
      batch.wait.ask(gate.host, waitMs, code);
    },
  };
  const settled =
    (await settledBefore(batch, placed.entry, entry)) ??
    (poison === undefined ? await settleEntry(run, entry) : poisoned(poison));
  return settled !== null && (await recordEntry(batch, entry, settled));
}

/** An execution before this one was cut off in the middle of the entry: what it had got is enough. */
async function settledBefore(
  { options, settled }: Batch,
  whole: PlanEntry,
  rest: PlanEntry,
): Promise<Settled | null> {
  if (rest.ids.length === whole.ids.length) return null;
  const { dataRoot: root, input } = options;
  const { runId, lane, previousDispatch: sinceDispatch } = input;
  const siblings = whole.ids.filter(({ id, urlHash }) => settled.has(settledKey(id, urlHash)));
  return settledSibling({ root, runId, lane, sinceDispatch }, siblings);
}

/** The first error ends the execution: no new request, what is in flight is dropped. */
function fail(batch: Batch, error: unknown): void {
  if (batch.error !== null) return;
  batch.error = { reason: error };
  batch.stop.abort(error);
}

function guard(batch: Batch, work: () => void): void {
  try {
    work();
  } catch (error) {
    fail(batch, error);
  }
}

function resultOf(batch: Batch, isLaneRead: boolean): DownloadBatchResult {
  const place: LanePlace = batch.progress.place();
  const isDone = isLaneRead && batch.progress.isAllSettled();
  return {
    ...{ place: isDone ? null : place, pause: batch.wait.left(), readTo: readToOf(batch) },
    ...batch.counts,
  };
}

/** An execution that died may have read further: by what it settled, and what it had under way. */
function readToOf({ progress, settled, options }: Batch): number {
  const readTo = progress.readTo();
  if (settled.size === 0) return readTo;
  return Math.max(readTo, options.input.place.entry + settled.size + LOOK_AHEAD);
}
