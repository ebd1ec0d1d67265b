/** One batch: a stretch of a lane, from its place, until its time box or the lane's end. */
import type { DownloadBatchResult } from '../contract/payloads';
import { hostKey, type PlanEntry } from '../contract/plan-entry';
import { asDiskError } from '../files/disk-errors';
import { checkFreeSpace } from '../files/identity';
import { resolvedKey } from '../files/ledger/ledger-reader';
import { mustDrain } from '../files/run/drain-request';
import { whenAborted } from '../http/when-aborted';
import { readPlanEntries, type PlacedEntry } from '../plan/read-plan-entries';
import type { BatchOptions } from './batch-options';
import { MOST_BEGUN, MOST_WAITING, openBatch, type Batch } from './open-batch';
import type { Resolved } from './entry/entry-result';
import { recordEntry } from './entry/record-entry';
import { poisoned, resolveEntry, type EntryRun } from './entry/resolve-entry';
import { settledSibling } from './entry/settled-sibling';

/** How often ledgers are fsynced. **Units** ms. */
const SYNC_MS = 1_000;

/**
 * Works on a lane from `input.place`.
 *
 * **Idempotency** what the lane's ledgers settle is skipped.
 * **Errors** StepError disk_*: nothing is recorded for the images concerned; the signal's reason, after what was being stored is
 * recorded and the ledger is closed.
 */
export async function runBatch(options: BatchOptions): Promise<DownloadBatchResult> {
  const { dataRoot, input, config } = options;
  options.signal.throwIfAborted();
  await checkFreeSpace(dataRoot, config.minFreeBytes);
  const batch = await openBatch(options);
  // It may have been aborted while the batch was opened.
  const forget = whenAborted(options.signal, (reason) => {
    fail(batch, reason);
  });
  const sync = setInterval(() => {
    endIfRecalled(batch);
    batch.ledger.sync().catch((error: unknown) => {
      fail(batch, error);
    });
  }, SYNC_MS);
  const timeBox = setTimeout(() => {
    end(batch);
  }, input.timeBoxSeconds * 1_000);
  try {
    endIfRecalled(batch);
    const end = await takeEntries(batch);
    storeAtOnce(batch);
    await Promise.all(batch.under);
    if (batch.error !== null) throw batch.error.reason as Error;
    const result = resultOf(batch, end);
    options.watch.ended({ execution: batch.source.execution, result });
    return result;
  } finally {
    clearInterval(sync);
    clearTimeout(timeBox);
    forget();
    await Promise.allSettled(batch.under);
    await closeBatch(batch);
  }
}

async function closeBatch({ ledger, store, journal, client }: Batch): Promise<void> {
  try {
    await ledger.close();
  } finally {
    store.release();
    journal.close();
    await client.close();
  }
}

/** The batch ends, so what it still stores waits for no other images. */
function storeAtOnce(batch: Batch): void {
  batch.isUrgent = true;
  batch.store.groups.flushSoon();
}

/** How the reading of a lane ended: at its end; there, with entries left out; before it, with as many left out as may be; cut short. */
type LaneEnd = 'read' | 'waits' | 'full' | 'cut';

/** Starts entries, and leaves those out whose hosts are waited for longer than a batch waits. */
async function takeEntries(batch: Batch): Promise<LaneEnd> {
  const { dataRoot: root, input } = batch.options;
  const { runId, lane, place } = input;
  let putOff = 0;
  for await (const placed of readPlanEntries({ root, runId, lane, place })) {
    await batch.slots.take();
    const isAtEnd = batch.error !== null || batch.isOver;
    const isPutOff = !isAtEnd && mustWait(batch, placed.entry);
    if (!isAtEnd && !isPutOff) {
      start(batch, placed);
      continue;
    }
    batch.slots.give();
    if (isAtEnd) return 'cut';
    batch.progress.putOff(placed);
    putOff += 1;
    if (putOff >= MOST_WAITING) return 'full';
  }
  return putOff === 0 ? 'read' : 'waits';
}

function mustWait({ client }: Batch, { url }: PlanEntry): boolean {
  return URL.canParse(url) && client.hosts.isDeferred(hostKey(new URL(url)));
}

/** What is in flight finishes; what has not been sent is for the lane's next batch. */
function end(batch: Batch): void {
  batch.isOver = true;
  storeAtOnce(batch);
  batch.client.hosts.leaveAll();
}

function endIfRecalled(batch: Batch): void {
  const { dataRoot: root, input } = batch.options;
  if (!batch.isOver && mustDrain({ root, runId: input.runId }, input.dispatch)) end(batch);
}

/** Has a slot, and gives it back: when its images are taken for storing, unless entries are worked on one by one. */
function start(batch: Batch, placed: PlacedEntry): void {
  const mark = batch.progress.begin(placed);
  const entry = unsettledPart(batch, placed.entry);
  if (entry.ids.length === 0) {
    mark.settle();
    batch.slots.give();
    return;
  }
  batch.options.onlyEntry?.(placed.at.entry);
  let hasSlot = true;
  const giveSlot = (): void => {
    if (hasSlot) batch.slots.give();
    hasSlot = false;
  };
  const isOneByOne = batch.options.onlyEntry !== undefined;
  const work = settleOne(batch, placed, entry, isOneByOne ? () => undefined : giveSlot)
    .then((isSettled) => {
      if (isSettled) mark.settle();
    })
    .catch((error: unknown) => {
      fail(batch, error);
    })
    .finally(() => {
      batch.under.delete(work);
      giveSlot();
    });
  batch.under.add(work);
}

function unsettledPart({ settled }: Batch, entry: PlanEntry): PlanEntry {
  if (settled.size === 0) return entry;
  return {
    ...entry,
    ids: entry.ids.filter(({ id, urlHash }) => !settled.has(resolvedKey(id, urlHash))),
  };
}

/** @returns false when the entry is left for the lane's next batch. */
async function settleOne(
  batch: Batch,
  placed: PlacedEntry,
  entry: PlanEntry,
  onTaken: () => void,
): Promise<boolean> {
  const { options, client, slots, journal } = batch;
  const { config, input, poison } = options;
  const number = placed.at.entry;
  const how = poison?.get(number);
  const history = journal.historyOf(number);
  const run: EntryRun = {
    tools: client.tools,
    hosts: client.hosts,
    slots,
    entry: number,
    attempts: Math.min(config.attempts, input.limits.attempts ?? config.attempts),
    history: { ...history, attempts: Math.max(history.attempts, input.tried?.[number] ?? 0) },
    signal: batch.stop.signal,
    onFailure: (noted) => {
      journal.note(number, noted);
    },
    onProgress: () => {
      options.onProgress(batch.counts);
    },
  };
  const resolution =
    (await settledBefore(batch, placed.entry, entry)) ??
    (how === undefined ? await resolveEntry(run, entry) : poisoned(how));
  return resolution !== 'deferred' && recordEntry(batch, entry, resolution, onTaken);
}

/** An execution before this one was cut off in the middle of the entry: what it had got is enough. */
async function settledBefore(
  { options, settled }: Batch,
  whole: PlanEntry,
  rest: PlanEntry,
): Promise<Resolved | null> {
  if (rest.ids.length === whole.ids.length) return null;
  const { dataRoot: root, input } = options;
  const { runId, lane, previousDispatch: sinceDispatch } = input;
  const siblings = whole.ids.filter(({ id, urlHash }) => settled.has(resolvedKey(id, urlHash)));
  return settledSibling({ root, runId, lane, sinceDispatch }, siblings);
}

/** The first error ends the execution: no new request, what is in flight is dropped. */
function fail(batch: Batch, error: unknown): void {
  if (batch.error !== null) return;
  // A connection may find no place among the open files, as a file may.
  const reason = asDiskError(error, 'open a connection') ?? error;
  batch.error = { reason };
  batch.stop.abort(reason);
  storeAtOnce(batch);
  batch.client.hosts.leaveAll();
}

function resultOf(batch: Batch, end: LaneEnd): DownloadBatchResult {
  const { client, progress, isOver } = batch;
  const isDone = end === 'read' && progress.isAllSettled();
  const { counts } = batch;
  if (isDone)
    return { ...counts, place: null, readTo: readToOf(batch), pause: null, hosts: {}, tried: {} };
  const { memories, file } = client.hosts.state(end === 'read' || end === 'waits');
  // A lane of several hosts goes on with the others before it waits for one.
  const waits = !isOver && end !== 'cut';
  return {
    ...counts,
    place: progress.place(),
    readTo: readToOf(batch),
    pause: waits ? client.hosts.pause() : null,
    hosts: memories,
    ...(file === null ? {} : { hostsFile: file }),
    tried: {},
  };
}

/** An execution that died may have read further: by what it settled, and what it had under way. */
function readToOf({ progress, settled, options }: Batch): number {
  const readTo = progress.readTo();
  if (settled.size === 0) return readTo;
  return Math.max(readTo, options.input.place.entry + settled.size + MOST_BEGUN);
}
