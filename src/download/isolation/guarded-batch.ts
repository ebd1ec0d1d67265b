/**
 * Runs batches with a guard against images that kill the process: when earlier attempts of a batch
 * died, the batch continues in a process of its own.
 */
import type { DownloadBatchResult } from '../../contract/payloads';
import { noteExecution, type ExecutionNote } from '../../files/run/execution-note';
import type { BatchOptions } from '../batch-options';
import { runBatch } from '../run-batch';
import { runIsolatedBatch } from './isolated-batch';

/**
 * Attempts of one batch that died for unknown reasons before it is isolated. Fewer deaths may be
 * due to the operator or the machine.
 */
const DEATHS = 2;

/**
 * How many batches of one worker may be isolated at once. Processes are expensive, and the other
 * batches of a worker that died return together with this one.
 */
const MOST_ISOLATED = 4;

/** This worker has enough isolated batches. The attempt is retried soon. */
export class NoRoomIsolated extends Error {
  override readonly name = 'NoRoomIsolated';

  constructor() {
    super(
      `${DEATHS} workers died over this batch, so it runs in a process of its own, and waits for room to do so`,
    );
  }
}

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
