/** Divides the budget of a host with many entries among its lanes. */
import type { HostBudget } from '../contract/run-input';

/**
 * A host may have several lanes if its budget exceeds this rate.
 *
 * @see docs/decisions/0041-lanes-of-a-wide-host.md
 */
const REQUESTS_PER_SECOND_OF_A_LANE = 200;
/** A lane with fewer connections would stall whenever some responses are late. */
const CONNECTIONS_OF_A_LANE = 3;
/**
 * Each worker has several lanes, so that all workers finish at about the same time. A single worker
 * needs only one lane: several were 3 % slower at a round-trip time of 50 ms. A host with more
 * entries than {@link ENTRIES_OF_A_LONG_RUN} is planned for at least two workers, because a second
 * one may start later.
 */
const LANES_OF_A_WORKER = 2;
const ENTRIES_OF_A_LONG_RUN = 100_000;
const MAX_LANES_OF_A_HOST = 8;
/**
 * The time box of a batch, and the smallest and largest number of entries for which it is planned.
 */
const BATCH_SECONDS = 90;
const SMALLEST_BATCH = 100;
const LARGEST_BATCH = 5_000;

/**
 * Returns one budget for each lane of a host with `entries` entries. The shares are integers of at
 * least 1 whose sum does not exceed the budget of the host. Several processes work on the lanes of
 * one host, so every lane has at least a batch of entries and enough requests and connections.
 */
export function shareBudget(
  budget: HostBudget,
  entries: number,
  workers: number,
): readonly HostBudget[] {
  const sharers = Math.max(workers, entries > ENTRIES_OF_A_LONG_RUN ? 2 : 1);
  const lanes = Math.min(
    sharers > 1 ? LANES_OF_A_WORKER * sharers : 1,
    MAX_LANES_OF_A_HOST,
    Math.ceil(budget.requestsPerSecond / REQUESTS_PER_SECOND_OF_A_LANE),
    Math.floor(budget.connections / CONNECTIONS_OF_A_LANE),
    Math.ceil(entries / batchEntries(budget)),
  );
  if (lanes <= 1) return [budget];
  return Array.from({ length: lanes }, (_, index) => ({
    connections: integerShare(budget.connections, lanes, index),
    requestsPerSecond: integerShare(budget.requestsPerSecond, lanes, index),
  }));
}

/** How many entries one batch can process with this budget. */
function batchEntries({ requestsPerSecond }: HostBudget): number {
  const entries = Math.ceil(BATCH_SECONDS * requestsPerSecond);
  return Math.min(LARGEST_BATCH, Math.max(SMALLEST_BATCH, entries));
}

function integerShare(total: number, lanes: number, index: number): number {
  const whole = Math.floor(total);
  return Math.floor(whole / lanes) + (index < whole % lanes ? 1 : 0);
}
