/** Batches, guarded against images that kill the process: who finds that his forerunners died goes on in a process of its own. */
import type { DownloadBatchResult } from '../../contract/payloads';
import { noteExecution, type ExecutionNote } from '../../files/run/execution-note';
import type { BatchOptions } from '../batch-options';
import { runBatch } from '../run-batch';
import { runIsolatedBatch } from './isolated-batch';

/** Executions of one batch that died without a word, whoever killed them: so many may be the operator's doing, or the machine's. */
const DEATHS = 2;

/** Processes are dear, and the others of a worker that died come back with it. **Units** batches of one worker. */
const APART_AT_ONCE = 4;

/** This worker has enough batches apart: the execution is tried again soon. */
export class NoRoomIsolated extends Error {
  override readonly name = 'NoRoomApart';

  constructor() {
    super(
      `${DEATHS} workers died over this batch, so it runs in a process of its own, and waits for room to do so`,
    );
  }
}

/** Runs a batch; one a worker process. */
export type GuardedBatches = (options: BatchOptions) => Promise<DownloadBatchResult>;

/** **Errors** of what it returns: those of `runBatch` and `runIsolatedBatch`; {@link NoRoomIsolated}. */
export function createGuardedBatches(): GuardedBatches {
  let apart = 0;
  const runApart = async (
    options: BatchOptions,
    note: ExecutionNote,
  ): Promise<DownloadBatchResult> => {
    if (apart >= APART_AT_ONCE) throw new NoRoomIsolated();
    apart += 1;
    try {
      const { deaths, ...result } = await runIsolatedBatch(options);
      if (deaths > 0) note.stayIsolated();
      return result;
    } finally {
      apart -= 1;
    }
  };
  return async (options) => {
    options.signal.throwIfAborted();
    const { runId, lane, dispatch } = options.input;
    const note = noteExecution({ root: options.dataRoot, runId, lane, dispatch });
    try {
      const isApart = note.isIsolated || note.deathCount >= DEATHS;
      const result = await (isApart ? runApart(options, note) : runBatch(options));
      note.removeAllOfBatch();
      return result;
    } finally {
      note.remove();
    }
  };
}
