/**
 * Gives the ids of an entry their files and ledger lines, in several parts, so that an entry with
 * many ids does not block the rest of the process.
 */
import type { PlanEntry, PlannedImage } from '../../contract/plan-entry';
import { MAX_NAMES_PER_MEMBER, type ImageStore } from '../../files/image-store/image-store';
import type { BatchOptions } from '../batch-options';
import type { LineQueue } from '../line-queue';
import type { Resolved } from './entry-result';
import { outcomeLine, type ImageOutcome, type LineSource } from './outcome-line';
import { createFilePlacer, type FilePlacer } from './place-file';
import { createStoringTurns } from './storing-turns';

/** What recording an entry needs from its batch. */
export interface Recording {
  readonly options: BatchOptions;
  readonly source: LineSource;
  readonly store: ImageStore;
  readonly lines: LineQueue;
  readonly counts: { stored: number; failed: number };
  readonly recorded: { requests: number };
  readonly stop: AbortController;
  readonly isOver: boolean;
  /** The batch waits for the images that are being stored, and for nothing else. */
  readonly isUrgent: boolean;
}

/**
 * The only writer of outcomes: waits until the files of ids are durable, then writes their ledger
 * lines.
 *
 * `onTaken` is called when groups have accepted all ids. From then on the entry needs no slot among
 * those that download.
 *
 * @returns true when each id has its line; false when the batch ended before: the next one
 *   continues with the rest.
 * @throws StepError disk_*; the signal's reason. Lines that were recorded before remain.
 */
export async function recordEntry(
  batch: Recording,
  entry: PlanEntry,
  { result, trace }: Resolved,
  onTaken: () => void,
): Promise<boolean> {
  const { groups } = batch.store;
  const placer = createFilePlacer({ root: batch.options.dataRoot, groups }, result);
  try {
    return await recordIds(batch, entry, { placer, trace, onTaken });
  } finally {
    placer.close();
  }
}

interface RecordOptions {
  readonly placer: FilePlacer;
  readonly trace: Resolved['trace'];
  readonly onTaken: () => void;
}

async function recordIds(
  batch: Recording,
  { ids }: PlanEntry,
  { placer, trace, onTaken }: RecordOptions,
): Promise<boolean> {
  for (let offset = 0; offset < ids.length; offset += MAX_NAMES_PER_MEMBER) {
    if (offset > 0) {
      batch.stop.signal.throwIfAborted();
      if (batch.isOver) return false;
    }
    const images = ids.slice(offset, offset + MAX_NAMES_PER_MEMBER);
    const { durable } = await placer.join(images, batch);
    if (offset + MAX_NAMES_PER_MEMBER >= ids.length) onTaken();
    const outcomes = await durable;
    // Not interrupted even when the batch is stopped: every durable file gets its line.
    await writeLines(batch, images, outcomes, offset === 0 ? trace : { ...trace, requests: 0 });
  }
  return true;
}

/** `requests` of the trace are those of the first id. */
async function writeLines(
  { options, source, lines, counts, recorded }: Recording,
  images: readonly PlannedImage[],
  outcomes: readonly ImageOutcome[],
  trace: Resolved['trace'],
): Promise<void> {
  await takeTurn();
  const written = outcomes.flatMap((outcome, nth) => {
    const image = images[nth];
    const requests = nth === 0 ? trace.requests : 0;
    return image === undefined ? [] : [outcomeLine(source, image, outcome, { ...trace, requests })];
  });
  await lines.append(written);
  for (const line of written) {
    options.watch.settled(line);
    recorded.requests += line.requests;
    if (line.outcome === 'failed') counts.failed += 1;
    else counts.stored += 1;
  }
  options.onProgress(counts);
}

const takeTurn = createStoringTurns();
