/** A batch in a process of its own: an image that kills the process is found out there, and it alone fails. */
import type { DownloadBatchInput, DownloadBatchResult } from '../../contract/payloads';
import { NO_ENTRY, runBatchProcess } from './batch-child';
import type { BatchCounts, BatchOptions } from '../batch-options';

/** An entry over which so many processes died that worked on nothing else is poison. */
const DEATHS = 2;

/** What is left of a time box after deaths is at least so much. **Units** seconds. */
const SHORTEST_BOX = 5;

export interface IsolatedResult extends DownloadBatchResult {
  /** Processes that died over it. */
  readonly deaths: number;
}

/**
 * Works as `runBatch` does, and starts a process that died anew: one by one then, until it is known over which entry it dies.
 * Requests for that entry: one, and DEATHS more.
 *
 * **Errors** those of `runBatch`; an Error when the process dies over nothing.
 */
export async function runIsolatedBatch(options: BatchOptions): Promise<IsolatedResult> {
  const overEntry = new Map<number, number>();
  const poison = new Map<number, string>();
  const startedAt = performance.now();
  let done: BatchCounts = { stored: 0, failed: 0 };
  let isOneByOne = false;
  for (let deaths = 0; ; deaths += 1) {
    const input = withTimeLeft(options.input, startedAt);
    const end = await runBatchProcess({ ...options, input }, { isOneByOne, poison, done });
    done = end.counts;
    if (end.kind === 'returned') return { ...end.result, ...done, deaths };
    if (isOneByOne) {
      const times = (overEntry.get(end.entry) ?? 0) + 1;
      if (times >= DEATHS && end.entry === NO_ENTRY) throw new Error(diesOverNothing(end.how));
      overEntry.set(end.entry, times);
      if (times >= DEATHS) poison.set(end.entry, end.how);
      isOneByOne = times < DEATHS;
    } else {
      isOneByOne = true;
    }
  }
}

function withTimeLeft(input: DownloadBatchInput, startedAt: number): DownloadBatchInput {
  const left = input.timeBoxSeconds - (performance.now() - startedAt) / 1_000;
  return { ...input, timeBoxSeconds: Math.max(Math.min(SHORTEST_BOX, input.timeBoxSeconds), left) };
}

function diesOverNothing(how: string): string {
  return `The process of a download batch dies before it works on an image (${how}). Is the machine out of memory? See the log of the system.`;
}
