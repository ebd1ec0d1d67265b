/**
 * Runs batches with a guard against images that kill the process: when earlier attempts of a batch
 * died, the batch continues in a process of its own.
 */
import type { DownloadBatchResult } from '../../contract/payloads';
import { noteExecution, type ExecutionNote } from '../../files/run/execution-note';
import type { BatchOptions } from '../batch-options';
import { runBatch } from '../run-batch';
import { runIsolatedBatch } from './isolated-batch';
import { DEATHS, NoRoomIsolated } from './no-room-isolated';

/**
 * How many batches of one worker may be isolated at once. Processes are expensive, and the other
 * batches of a worker that died return together with this one.
 */
const MOST_ISOLATED = 4;

/** Runs a batch; one function per worker process. */
export type GuardedBatches = (options: BatchOptions) => Promise<DownloadBatchResult>;

/**
 * @throws the returned function throws what `runBatch` and `runIsolatedBatch` throw; {@link
 *   NoRoomIsolated}.
 */
export function createGuardedBatches(): GuardedBatches {
  let isolatedCount = 0;
  const runIsolated = async (
    options: BatchOptions,
    note: ExecutionNote,
  ): Promise<DownloadBatchResult> => {
    if (isolatedCount >= MOST_ISOLATED) throw new NoRoomIsolated();
    isolatedCount += 1;
    try {
      const { deaths, ...result } = await runIsolatedBatch(options);
      if (deaths > 0) note.stayIsolated();
      return result;
    } finally {
      isolatedCount -= 1;
    }
  };
  return async (options) => {
    options.signal.throwIfAborted();
    const { runId, lane, dispatch } = options.input;
    const note = noteExecution({ root: options.dataRoot, runId, lane, dispatch });
    try {
      const mustIsolate = note.isIsolated || note.deathCount >= DEATHS;
      const result = await (mustIsolate ? runIsolated(options, note) : runBatch(options));
      note.removeAllOfBatch();
      return result;
    } finally {
      note.remove();
    }
  };
}
