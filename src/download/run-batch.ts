/** One batch: a stretch of a lane, from its place, until its time box or the lane's end. */
import type { DownloadBatchResult, LanePlace } from '../contract/payloads';
import type { PlanEntry } from '../contract/plan-entry';
import { checkFreeSpace } from '../files/identity';
import { settledKey } from '../files/ledger-reader';
import { isRecalled } from '../files/recall';
import type { BatchOptions } from './batch-options';
import { LOOK_AHEAD, openBatch, type Batch } from './open-batch';
import { outcomeLine } from './outcome-line';
import { readPlanEntries, type PlacedEntry } from './plan-reader';
import { poisoned, settleEntry, type EntryRun, type Settled } from './settle-entry';

/** **Source** design: ledgers are fsynced each second. **Units** ms. */
const SYNC_MS = 1_000;

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
  const work = settleOne(batch, entry, batch.options.poison?.get(number))
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

async function settleOne(batch: Batch, entry: PlanEntry, poison?: string): Promise<boolean> {
  const { options, client } = batch;
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
  const settled = poison === undefined ? await settleEntry(run, entry) : poisoned(entry, poison);
  if (settled === null) return false;
  record(batch, entry, settled);
  return true;
}

function record(
  { options, source, counts, ledger }: Batch,
  entry: PlanEntry,
  settled: Settled,
): void {
  settled.happened.forEach((happened, index) => {
    const image = entry.ids[index];
    if (image === undefined) return;
    const trace = index === 0 ? settled.trace : { ...settled.trace, requests: 0 };
    const line = outcomeLine(source, image, happened, trace);
    ledger.append(line);
    options.watch.settled(line);
    if (happened.outcome === 'failed') counts.failed += 1;
    else counts.stored += 1;
  });
  options.onProgress(counts);
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
