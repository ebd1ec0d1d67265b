/** One batch: a part of a lane, from its place until its time box or the lane ends. */
import { setTimeout as delay } from 'node:timers/promises';
import type { DownloadBatchResult } from '../contract/payloads';
import { hostKey, type PlanEntry } from '../contract/plan-entry';
import { asDiskError } from '../files/disk-errors';
import { checkFreeSpace } from '../files/identity';
import { resolvedKey } from '../files/ledger/ledger-reader';
import { noteUnrecordedRequests } from '../files/run/unrecorded-requests';
import { mustDrain } from '../files/run/drain-request';
import { whenAborted } from '../http/when-aborted';
import { readPlanEntries, type PlacedEntry } from '../plan/read-plan-entries';
import type { BatchOptions } from './batch-options';
import { MOST_BEGUN, MOST_WAITING, openBatch, type Batch } from './open-batch';
import type { Resolved } from './entry/entry-result';
import { recordEntry } from './entry/record-entry';
import { poisonedEntry, resolveEntry } from './entry/resolve-entry';
import { settledSibling } from './entry/settled-sibling';
import { storedBefore } from './entry/stored-before';
import { entryRunOf } from './entry-run';
import { sampleLane } from './sample-lane';

/** How often ledgers are synced to disk. In milliseconds. */
const SYNC_MS = 1_000;

/** How often the last entries of a batch are looked at. In milliseconds. */
const CHECK_MS = 50;

/**
 * Works on a lane from `input.place`. Entries that the lane's ledgers settle are skipped, so a
 * repeated batch fetches nothing twice.
 *
 * @throws StepError disk_*, and records nothing for the images concerned; the signal's reason,
 *   after the images that were being stored are recorded and the ledger is closed.
 */
export async function runBatch(options: BatchOptions): Promise<DownloadBatchResult> {
  const { dataRoot, input, config } = options;
  options.signal.throwIfAborted();
  await checkFreeSpace(dataRoot, config.minFreeBytes);
  const batch = await openBatch(options, async (host) => {
    const sampling = sampleLane(batch, host);
    batch.samples.push(sampling);
    await sampling.catch((error: unknown) => {
      failBatch(batch, error);
    });
  });
  // The signal may have been aborted while the batch was opened.
  const removeListener = whenAborted(options.signal, (reason) => {
    failBatch(batch, reason);
  });
  const sync = setInterval(() => {
    endIfDrained(batch);
    batch.ledger.sync().catch((error: unknown) => {
      failBatch(batch, error);
    });
  }, SYNC_MS);
  const timeBox = setTimeout(() => {
    endBatch(batch);
  }, input.timeBoxSeconds * 1_000);
  try {
    endIfDrained(batch);
    const laneEnd = await takeEntries(batch).finally(() => {
      batch.isRead = true;
    });
    storeAtOnce(batch);
    await awaitEntries(batch, laneEnd);
    await Promise.all(batch.samples);
    if (batch.error !== null) throw batch.error.reason as Error;
    const result = batchResult(batch, laneEnd);
    options.watch.ended({ execution: batch.source.execution, result });
    return result;
  } finally {
    clearInterval(sync);
    clearTimeout(timeBox);
    removeListener();
    await Promise.allSettled([...batch.underWay, ...batch.samples]);
    await closeBatch(batch);
  }
}

/** Waits for the entries under way, and sees to it that they do not wait for one another. */
async function awaitEntries(
  { underWay, client: { hosts } }: Batch,
  laneEnd: LaneEnd,
): Promise<void> {
  while (underWay.size > 0) {
    hosts.refusals.decide(underWay.size, laneEnd === 'read');
    await Promise.race([Promise.all(underWay), delay(CHECK_MS)]);
  }
}

async function closeBatch(batch: Batch): Promise<void> {
  const { ledger, store, journal, client, options, source, recorded } = batch;
  noteUnrecordedRequests({
    root: options.dataRoot,
    runId: options.input.runId,
    execution: source.execution,
    requests: client.tools.client.sent.requests - recorded.requests,
  });
  try {
    await ledger.close();
  } finally {
    store.release();
    journal.close();
    await client.close();
  }
}

/** The batch ends, so the images that are still being stored wait for no others. */
function storeAtOnce(batch: Batch): void {
  batch.isUrgent = true;
  batch.store.groups.flushSoon();
}

/** Hosts that refused everything, in the result of a batch. */
const MOST_REFUSED = 10;

/**
 * How the reading of a lane ended.
 *
 * - `read`: at the end of the lane, with all entries begun.
 * - `waits`: at the end of the lane, with some entries put off.
 * - `full`: before the end, because no more entries may be put off.
 * - `cut`: before the end, because the batch ended.
 */
type LaneEnd = 'read' | 'waits' | 'full' | 'cut';

/** Starts entries. Puts off those whose hosts wait for longer than a batch waits. */
async function takeEntries(batch: Batch): Promise<LaneEnd> {
  const { dataRoot: root, input } = batch.options;
  const { runId, lane, place } = input;
  let putOff = 0;
  for await (const placed of readPlanEntries({ root, runId, lane, place })) {
    await batch.slots.take();
    const isAtEnd = batch.error !== null || batch.isOver;
    const isPutOff = !isAtEnd && mustPutOff(batch, placed.entry);
    if (!isAtEnd && !isPutOff) {
      startEntry(batch, placed);
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

function mustPutOff({ client }: Batch, { url }: PlanEntry): boolean {
  return URL.canParse(url) && client.hosts.isDeferred(hostKey(new URL(url)));
}

/** Requests under way finish. Those that have not been sent are left for the lane's next batch. */
function endBatch(batch: Batch): void {
  batch.isOver = true;
  storeAtOnce(batch);
  batch.client.hosts.leaveAll();
}

function endIfDrained(batch: Batch): void {
  const { dataRoot: root, input } = batch.options;
  if (!batch.isOver && mustDrain({ root, runId: input.runId }, input.dispatch)) endBatch(batch);
}

/**
 * Starts an entry, which holds a slot. The slot is released when the entry's images are taken for
 * storing, or at its end when entries are worked on one by one.
 */
function startEntry(batch: Batch, placed: PlacedEntry): void {
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
  const settling = settleEntry(batch, placed, entry, isOneByOne ? () => undefined : giveSlot)
    .then((isSettled) => {
      if (isSettled) mark.settle();
    })
    .catch((error: unknown) => {
      failBatch(batch, error);
    })
    .finally(() => {
      batch.underWay.delete(settling);
      giveSlot();
    });
  batch.underWay.add(settling);
}

function unsettledPart({ settled }: Batch, entry: PlanEntry): PlanEntry {
  if (settled.size === 0) return entry;
  return {
    ...entry,
    ids: entry.ids.filter(({ id, urlHash }) => !settled.has(resolvedKey(id, urlHash))),
  };
}

/** @returns false when the entry is left for the lane's next batch. */
async function settleEntry(
  batch: Batch,
  placed: PlacedEntry,
  entry: PlanEntry,
  onTaken: () => void,
): Promise<boolean> {
  const howProcessDied = batch.options.poison?.get(placed.at.entry);
  const resolution =
    (await settledBefore(batch, placed.entry, entry)) ??
    (await storedBefore(batch.options.dataRoot, entry)) ??
    (howProcessDied === undefined
      ? await resolveEntry(entryRunOf(batch, placed.at.entry), entry)
      : poisonedEntry(howProcessDied));
  return resolution !== 'deferred' && recordEntry(batch, entry, resolution, onTaken);
}

/**
 * An earlier attempt ended in the middle of this entry. The file or failure that it recorded
 * applies to the remaining ids.
 */
async function settledBefore(
  { options, settled }: Batch,
  whole: PlanEntry,
  remaining: PlanEntry,
): Promise<Resolved | null> {
  if (remaining.ids.length === whole.ids.length) return null;
  const { dataRoot: root, input } = options;
  const { runId, lane, previousDispatch: sinceDispatch } = input;
  const siblings = whole.ids.filter(({ id, urlHash }) => settled.has(resolvedKey(id, urlHash)));
  return settledSibling({ root, runId, lane, sinceDispatch }, siblings);
}

/** The first error ends the attempt: no new request is sent, and requests under way are dropped. */
function failBatch(batch: Batch, error: unknown): void {
  if (batch.error !== null) return;
  // A connection may exceed the limit of open files, as a file may.
  const reason = asDiskError(error, 'open a connection') ?? error;
  batch.error = { reason };
  batch.stop.abort(reason);
  storeAtOnce(batch);
  batch.client.hosts.leaveAll();
}

function batchResult(batch: Batch, laneEnd: LaneEnd): DownloadBatchResult {
  const { client, progress, isOver } = batch;
  const isDone = laneEnd === 'read' && progress.isAllSettled();
  const { counts } = batch;
  const refused = client.hosts.refusals.givenUp().slice(0, MOST_REFUSED);
  const refusals = refused.length === 0 ? {} : { refused };
  if (isDone)
    return {
      ...counts,
      ...refusals,
      place: null,
      readTo: estimateReadTo(batch),
      pause: null,
      hosts: {},
      tried: {},
    };
  const { states, file } = client.hosts.state({
    isLaneSeen: laneEnd === 'read' || laneEnd === 'waits',
  });
  // A lane of several hosts continues with the others before it waits for one.
  const waits = !isOver && laneEnd !== 'cut';
  return {
    ...counts,
    ...refusals,
    place: progress.place(),
    readTo: estimateReadTo(batch),
    pause: waits ? client.hosts.pause() : null,
    hosts: states,
    ...(file === null ? {} : { hostsFile: file }),
    tried: {},
  };
}

/**
 * An attempt that died may have read further. The estimate covers what it settled and what it had
 * under way.
 */
function estimateReadTo({ progress, settled, options }: Batch): number {
  const readTo = progress.readTo();
  if (settled.size === 0) return readTo;
  return Math.max(readTo, options.input.place.entry + settled.size + MOST_BEGUN);
}
