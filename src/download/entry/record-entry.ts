/** Ids of an entry get their files and their lines, a part of them after another, without holding up the rest of the process. */
import type { PlanEntry, PlannedImage } from '../../contract/plan-entry';
import { MAX_NAMES_PER_MEMBER, type ImageStore } from '../../files/image-store/image-store';
import type { BatchOptions } from '../batch-options';
import type { LineQueue } from '../line-queue';
import type { Resolved } from './entry-result';
import { outcomeLine, type Happened, type LineSource } from './outcome-line';
import { createFilePlacer, type FilePlacer } from './place-file';
import { createStoringTurns } from './storing-turns';

/** What recording an entry needs of its batch. */
export interface Recording {
  readonly options: BatchOptions;
  readonly source: LineSource;
  readonly store: ImageStore;
  readonly lines: LineQueue;
  readonly counts: { stored: number; failed: number };
  readonly stop: AbortController;
  readonly isOver: boolean;
  /** The batch waits for what is being stored, and for nothing else. */
  readonly isUrgent: boolean;
}

/**
 * The only writer of outcomes: waits until the files of ids are durable, then writes their ledger lines.
 *
 * `onTaken` is called when groups have taken all ids: from then on the entry needs no place among those that download.
 *
 * @returns true when each id has its line; false when the batch ended before: the next one goes on with the rest.
 * @throws StepError disk_*; the signal's reason. What was recorded before stays.
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
  for (let at = 0; at < ids.length; at += MAX_NAMES_PER_MEMBER) {
    if (at > 0) {
      batch.stop.signal.throwIfAborted();
      if (batch.isOver) return false;
    }
    const images = ids.slice(at, at + MAX_NAMES_PER_MEMBER);
    const { durable } = await placer.join(images, batch.isUrgent);
    if (at + MAX_NAMES_PER_MEMBER >= ids.length) onTaken();
    const happened = await durable;
    // Not stopped any more, also when the batch is: what is durable gets its line.
    await writeLines(batch, images, happened, at === 0 ? trace : { ...trace, requests: 0 });
  }
  return true;
}

/** `requests` of the trace are the first id's. */
async function writeLines(
  { options, source, lines, counts }: Recording,
  images: readonly PlannedImage[],
  happened: readonly Happened[],
  trace: Resolved['trace'],
): Promise<void> {
  await takeTurn();
  const written = happened.flatMap((one, nth) => {
    const image = images[nth];
    const requests = nth === 0 ? trace.requests : 0;
    return image === undefined ? [] : [outcomeLine(source, image, one, { ...trace, requests })];
  });
  await lines.append(written);
  for (const line of written) {
    options.watch.settled(line);
    if (line.outcome === 'failed') counts.failed += 1;
    else counts.stored += 1;
  }
  options.onProgress(counts);
}

const takeTurn = createStoringTurns();
