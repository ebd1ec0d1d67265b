/** Opens a batch: its ledger, its client, and the entries that its lane has settled before. */
import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { openAttemptJournal, type AttemptJournal } from '../files/ledger/attempt-journal';
import { resolvedInLane } from '../files/ledger/ledger-reader';
import { openLedger, type LedgerWriter } from '../files/ledger/ledger-writer';
import { holdImageStore, MAX_STORING, type HeldStore } from '../files/image-store/image-store';
import { descriptorLimit } from '../http/connect/open-sockets';
import { createBatchClient, type BatchClient } from './batch-client';
import type { BatchOptions } from './batch-options';
import { createBatchProgress, type BatchProgress } from './batch-progress';
import type { Host } from './hosts/host';
import { hostBudget } from './hosts/limits/host-budget';
import type { LineSource } from './entry/outcome-line';
import { createLineQueue, type LineQueue } from './line-queue';
import { createSlots, type Slots } from './slots';

/**
 * The number of entries of a lane of several hosts that are under way at once. It covers a whole
 * lane, so that no entry waits for another one's host. An entry that only waits for the network
 * costs a few kilobytes.
 */
const MIXED_LANE_ENTRIES = 2_000;

/**
 * For a lane of one host, more entries than its connections and some checks would only fill the
 * memory, and cost a tenth of the CPU in garbage collection.
 */
const LEAST_LOOK_AHEAD = 32;
const MOST_LOOK_AHEAD = 256;
const CONNECTIONS_LOOK_AHEAD = 1.5;

/** Entries that wait, beside those at work, for their next attempt or their host. */
export const MOST_WAITING = 2_000;

/** Entries that an attempt may have begun beyond those that it settled. */
export const MOST_BEGUN = MOST_LOOK_AHEAD + MOST_WAITING + MAX_STORING;

/** Mutable state, one object per attempt. */
export interface Batch {
  readonly options: BatchOptions;
  readonly source: LineSource;
  readonly ledger: LedgerWriter;
  readonly lines: LineQueue;
  readonly store: HeldStore;
  readonly client: BatchClient;
  readonly progress: BatchProgress;
  readonly settled: ReadonlySet<string>;
  readonly counts: { stored: number; failed: number };
  /** Requests that ledger lines have. */
  readonly recorded: { requests: number };
  readonly underWay: Set<Promise<void>>;
  /** Samples from over the lane, and what follows from them. */
  readonly samples: Promise<void>[];
  readonly slots: Slots;
  readonly journal: AttemptJournal;
  /** Aborted by the caller's signal, or by the first error of any entry. */
  readonly stop: AbortController;
  /** No further entry of the lane is read. */
  isRead: boolean;
  /** The time box has ended, or the run drains its batches. */
  isOver: boolean;
  /** No further entry is begun, or none is while an image is stored. */
  isUrgent: boolean;
  error: { readonly reason: unknown } | null;
}

/**
 * `sampleAhead` asks for images far ahead in the lane of this host.
 *
 * @throws StepError disk_*.
 */
export async function openBatch(
  options: BatchOptions,
  sampleAhead: (host: Host) => Promise<void>,
): Promise<Batch> {
  const { dataRoot: root, input, attempt } = options;
  const { runId, lane, dispatch, previousDispatch, place } = input;
  // A random name instead of the attempt number, which starts again at 1 after a reset, while a
  // stopped process may continue beside its successor.
  const stop = new AbortController();
  // Every request under way adds a listener.
  setMaxListeners(2 * MOST_BEGUN, stop.signal);
  const execution = randomBytes(8).toString('hex');
  await options.network.sharedBudgets(root).ready();
  const settled = await resolvedInLane({ root, runId, lane, sinceDispatch: previousDispatch });
  // Entries that are worked on one after another must not start while another one waits.
  const slots = options.onlyEntry === undefined ? slotsFor(options) : createSlots(1, 0);
  const ledger = openLedger({ root, runId, lane, execution });
  const journal = openAttemptJournal({ root, runId, lane, execution, dispatch });
  const store = holdImageStore(root, descriptorLimit());
  return {
    options,
    source: { lane, execution, dispatch, attempt },
    ledger,
    lines: createLineQueue(ledger),
    store,
    client: createBatchClient(options, { execution, slots, store, sampleAhead }),
    journal,
    progress: createBatchProgress(place),
    settled,
    counts: { stored: 0, failed: 0 },
    recorded: { requests: 0 },
    underWay: new Set(),
    samples: [],
    slots,
    stop,
    isRead: false,
    isOver: false,
    isUrgent: options.onlyEntry !== undefined,
    error: null,
  };
}

function slotsFor(options: BatchOptions): Slots {
  const { onlyHost } = options.input;
  if (onlyHost === undefined) return createSlots(MIXED_LANE_ENTRIES, MOST_LOOK_AHEAD);
  const { connections } = hostBudget(options, onlyHost);
  const wanted = Math.ceil(CONNECTIONS_LOOK_AHEAD * connections);
  const most = Math.min(MOST_LOOK_AHEAD, Math.max(LEAST_LOOK_AHEAD, wanted));
  return createSlots(most, MOST_WAITING);
}
