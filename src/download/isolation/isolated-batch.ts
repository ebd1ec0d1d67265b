/**
 * A batch in a process of its own, which finds the image that kills the process, so that this image
 * alone fails.
 */
import type { DownloadBatchInput, DownloadBatchResult } from '../../contract/payloads';
import { NO_ENTRY, runBatchProcess } from './batch-child';
import type { BatchCounts, BatchOptions } from '../batch-options';

/** An entry is poison when this many processes died over it while they worked on nothing else. */
const DEATHS = 2;

/** The time box that remains after deaths is at least this long. In seconds. */
const SHORTEST_BOX = 5;

export interface IsolatedResult extends DownloadBatchResult {
  /** Processes that died over the batch. */
  readonly deaths: number;
}

/**
 * Works as `runBatch` does, and starts a new process when one dies. The new process works on one
 * entry at a time, until it is known which entry kills it. That entry costs at most 1 + DEATHS
 * requests.
 *
 * @throws what `runBatch` throws; an Error when the process dies without working on an entry.
 */
export async function runIsolatedBatch(options: BatchOptions): Promise<IsolatedResult> {
  const deathsByEntry = new Map<number, number>();
  const poison = new Map<number, string>();
  const startedAt = performance.now();
  let counts: BatchCounts = { stored: 0, failed: 0 };
  let isOneByOne = false;
  for (let deaths = 0; ; deaths += 1) {
    const input = withTimeLeft(options.input, startedAt);
    const end = await runBatchProcess(
      { ...options, input },
      {
        isOneByOne,
        poison,
        done: counts,
      },
    );
    counts = end.counts;
    if (end.kind === 'returned') return { ...end.result, ...counts, deaths };
    if (isOneByOne) {
      const deathsOverEntry = (deathsByEntry.get(end.entry) ?? 0) + 1;
      if (deathsOverEntry >= DEATHS && end.entry === NO_ENTRY)
        throw new Error(messageOfEarlyDeath(end.how));
      deathsByEntry.set(end.entry, deathsOverEntry);
      if (deathsOverEntry >= DEATHS) poison.set(end.entry, end.how);
      isOneByOne = deathsOverEntry < DEATHS;
    } else {
      isOneByOne = true;
    }
  }
}

function withTimeLeft(input: DownloadBatchInput, startedAt: number): DownloadBatchInput {
  const left = input.timeBoxSeconds - (performance.now() - startedAt) / 1_000;
  return { ...input, timeBoxSeconds: Math.max(Math.min(SHORTEST_BOX, input.timeBoxSeconds), left) };
}

function messageOfEarlyDeath(how: string): string {
  return `The process of a download batch dies before it works on an image (${how}). Is the machine out of memory? See the log of the system.`;
}
