/** Ids of an entry get their files and their lines, one by one, without holding up the rest of the process. */
import type { PlanEntry } from '../../contract/plan-entry';
import type { LedgerWriter } from '../../files/ledger-writer';
import type { BatchOptions } from '../batch-options';
import type { Resolved } from './entry-result';
import { outcomeLine, type LineSource } from './outcome-line';
import { createFilePlacer, type FilePlacer } from './place-file';
import { createStoringTurns } from './storing-turns';

/** The ids of one entry hold the others up for this long at most. **Units** ms. */
const LONGEST_STRETCH_MS = 25;

/** What recording an entry needs of its batch. */
export interface Recording {
  readonly options: BatchOptions;
  readonly source: LineSource;
  readonly ledger: LedgerWriter;
  readonly counts: { stored: number; failed: number };
  readonly stop: AbortController;
  readonly isOver: boolean;
}

/**
 * The only writer of outcomes: places the file of each id, then appends its ledger line.
 *
 * @returns true when each id has its line; false when the batch ended before: the next one goes on with the rest.
 * @throws StepError disk_*; the signal's reason. What was recorded before stays.
 */
export async function recordEntry(
  batch: Recording,
  entry: PlanEntry,
  { result, trace }: Resolved,
): Promise<boolean> {
  const placer = createFilePlacer(batch.options.dataRoot, result);
  try {
    return await recordIds(batch, entry, { placer, trace });
  } finally {
    placer.close();
  }
}

async function recordIds(
  batch: Recording,
  { ids }: PlanEntry,
  { placer, trace }: { readonly placer: FilePlacer; readonly trace: Resolved['trace'] },
): Promise<boolean> {
  const { options, source, ledger, counts, stop } = batch;
  await takeTurn();
  let since = performance.now();
  let requests = trace.requests;
  for (const image of ids) {
    if (performance.now() - since > LONGEST_STRETCH_MS) {
      options.onProgress(counts);
      await takeTurn();
      stop.signal.throwIfAborted();
      if (batch.isOver) return false;
      since = performance.now();
    }
    const line = outcomeLine(source, image, placer.place(image), { ...trace, requests });
    requests = 0;
    ledger.append(line);
    options.watch.settled(line);
    if (line.outcome === 'failed') counts.failed += 1;
    else counts.stored += 1;
  }
  options.onProgress(counts);
  return true;
}

const takeTurn = createStoringTurns();
