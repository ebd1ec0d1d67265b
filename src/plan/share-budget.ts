/** How the budget of a host with many entries is divided among its lanes. */
import type { HostBudget } from '../contract/run-input';

/**
 * A host may have several lanes above this rate. **Units** requests per second. **Source** decision
 * 0041.
 */
const REQUESTS_PER_SECOND_OF_A_LANE = 200;
/** A lane with fewer connections would stand still whenever some of its answers are late. */
const CONNECTIONS_OF_A_LANE = 3;
/**
 * Each worker has some lanes, so that all workers end at about the same time. One worker alone
 * needs only one lane: several were 3 % slower at a round trip of 50 ms. A host with more entries
 * than a long run has is planned for a second worker that may start later.
 */
const LANES_OF_A_WORKER = 2;
const ENTRIES_OF_A_LONG_RUN = 100_000;
const MOST_LANES_OF_A_HOST = 8;
/**
 * The time box of a batch, and how many entries a process works through within seconds. **Units**
 * seconds; entries.
 */
const BATCH_SECONDS = 90;
const SMALLEST_BATCH = 100;
const LARGEST_BATCH = 5_000;

/**
 * One budget for each lane of a host with `entries` entries: whole numbers of at least 1, whose sum
 * does not exceed the host's. Several processes work on the lanes of one host, so every lane has a
 * batch of entries, enough requests and connections.
 */
export function shareBudget(
  budget: HostBudget,
  entries: number,
  workers: number,
): readonly HostBudget[] {
  const sharers = Math.max(workers, entries > ENTRIES_OF_A_LONG_RUN ? 2 : 1);
  const lanes = Math.min(
    sharers > 1 ? LANES_OF_A_WORKER * sharers : 1,
    MOST_LANES_OF_A_HOST,
    Math.ceil(budget.requestsPerSecond / REQUESTS_PER_SECOND_OF_A_LANE),
    Math.floor(budget.connections / CONNECTIONS_OF_A_LANE),
    Math.ceil(entries / batchEntries(budget)),
  );
  if (lanes <= 1) return [budget];
  return Array.from({ length: lanes }, (_, index) => ({
    connections: share(budget.connections, lanes, index),
    requestsPerSecond: share(budget.requestsPerSecond, lanes, index),
  }));
}

/** How many entries one batch can take at this budget. */
function batchEntries({ requestsPerSecond }: HostBudget): number {
  const entries = Math.ceil(BATCH_SECONDS * requestsPerSecond);
  return Math.min(LARGEST_BATCH, Math.max(SMALLEST_BATCH, entries));
}

function share(total: number, lanes: number, index: number): number {
  const whole = Math.floor(total);
  return Math.floor(whole / lanes) + (index < whole % lanes ? 1 : 0);
}
