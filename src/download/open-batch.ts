/** Opens a batch: its ledger, its client, what its lane has settled before. */
import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { settledInLane } from '../files/ledger-reader';
import { openLedger, type LedgerWriter } from '../files/ledger-writer';
import { createBatchClient, type BatchClient } from './batch-client';
import type { BatchOptions } from './batch-options';
import { createBatchProgress, type BatchProgress } from './batch-progress';
import { createLongestWait, type LongestWait } from './longest-wait';
import type { LineSource } from './outcome-line';

/** Entries under way or waiting for their host's budget; the checks behind them are bounded with them. */
export const LOOK_AHEAD = 256;

/** Mutable, one an execution. */
export interface Batch {
  readonly options: BatchOptions;
  readonly source: LineSource;
  readonly ledger: LedgerWriter;
  readonly client: BatchClient;
  readonly progress: BatchProgress;
  readonly settled: ReadonlySet<string>;
  readonly counts: { stored: number; failed: number };
  readonly wait: LongestWait;
  readonly under: Set<Promise<void>>;
  /** Who waits for one of them to end. */
  onRoom: (() => void) | null;
  /** Aborted by the caller's signal or by the first error of any entry. */
  readonly stop: AbortController;
  /** The time box has ended, or the batch was called back. */
  isOver: boolean;
  error: { readonly reason: unknown } | null;
}

/** **Errors** StepError disk_*. */
export async function openBatch(options: BatchOptions): Promise<Batch> {
  const { dataRoot: root, input, attempt } = options;
  const { runId, lane, dispatch, previousDispatch, place } = input;
  // Not the attempt: it starts again at 1 after a reset, and a stopped process may go on beside its successor.
  const stop = new AbortController();
  // Every request under way listens.
  setMaxListeners(2 * LOOK_AHEAD, stop.signal);
  const execution = randomBytes(8).toString('hex');
  const settled = await settledInLane({ root, runId, lane, sinceDispatch: previousDispatch });
  return {
    options,
    source: { lane, execution, dispatch, attempt },
    ledger: openLedger({ root, runId, lane, execution }),
    client: createBatchClient(options, execution),
    progress: createBatchProgress(place),
    settled,
    counts: { stored: 0, failed: 0 },
    wait: createLongestWait(),
    under: new Set(),
    onRoom: null,
    stop,
    isOver: false,
    error: null,
  };
}
