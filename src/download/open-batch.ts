/** Opens a batch: its ledger, its client, what its lane has settled before. */
import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { settledInLane } from '../files/ledger-reader';
import { openLedger, type LedgerWriter } from '../files/ledger-writer';
import { createBatchClient, type BatchClient } from './batch-client';
import type { BatchOptions } from './batch-options';
import { createBatchProgress, type BatchProgress } from './batch-progress';
import { hostBudget } from './host-share';
import type { LineSource } from './outcome-line';
import { createPlaces, type Places } from './places';

/**
 * Entries under way or waiting for their host's budget; the checks behind them are bounded with them. So many find work at several
 * hosts of a lane at once; where there is one, more than its connections and some checks would only fill the memory, and take the
 * garbage collector's time (a tenth of the CPU).
 */
const LOOK_AHEAD = 256;
const LEAST_LOOK_AHEAD = 32;
const CONNECTIONS_LOOK_AHEAD = 1.5;

/** Entries that wait beside them, for their next try or their host: all of a lane of small hosts has room. */
export const MOST_WAITING = 2_000;

/** Entries that an execution may have begun beyond those that it settled. */
export const MOST_BEGUN = LOOK_AHEAD + MOST_WAITING;

/** Mutable, one an execution. */
export interface Batch {
  readonly options: BatchOptions;
  readonly source: LineSource;
  readonly ledger: LedgerWriter;
  readonly client: BatchClient;
  readonly progress: BatchProgress;
  readonly settled: ReadonlySet<string>;
  readonly counts: { stored: number; failed: number };
  readonly under: Set<Promise<void>>;
  readonly places: Places;
  /** Tries that count, of entries that are left to the next batch, by entry. */
  readonly tried: Map<number, number>;
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
  setMaxListeners(2 * MOST_BEGUN, stop.signal);
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
    under: new Set(),
    // One after another means that nobody goes on while one waits.
    places:
      options.onlyEntry === undefined
        ? createPlaces(lookAhead(options), MOST_WAITING)
        : createPlaces(1, 0),
    tried: new Map(),
    stop,
    isOver: false,
    error: null,
  };
}

function lookAhead(options: BatchOptions): number {
  const { onlyHost } = options.input;
  if (onlyHost === undefined) return LOOK_AHEAD;
  const { connections } = hostBudget(options, onlyHost);
  const wanted = Math.ceil(CONNECTIONS_LOOK_AHEAD * connections);
  return Math.min(LOOK_AHEAD, Math.max(LEAST_LOOK_AHEAD, wanted));
}
