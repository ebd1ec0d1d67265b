/** What one host is given in this run, and how it is shared out over its lanes. */
import { namedBudget, ownBudget } from '../contract/own-budget';
import type { HostBudget } from '../contract/run-input';

/** A host may have several lanes above this. **Units** requests per second. **Source** design.md, "Politeness". */
const REQUESTS_PER_SECOND_OF_A_LANE = 200;
/** Fewer connections than so many are too few for a lane: it would stand still whenever some of its answers are late. */
const CONNECTIONS_OF_A_LANE = 3;
/**
 * Each worker has some, so that they end at about the same time; one alone has no use for more than one: at a round trip of 50 ms it would
 * be 3 % slower. Over so many entries another one may come. The window has room for other hosts.
 */
const LANES_OF_A_WORKER = 2;
const ENTRIES_OF_A_LONG_RUN = 100_000;
const MOST_LANES_OF_A_HOST = 8;
/** A batch is time-boxed to so much, and a process is through with so many within seconds. **Units** seconds; entries. */
const BATCH_SECONDS = 90;
const SMALLEST_BATCH = 100;
const LARGEST_BATCH = 5_000;

export interface BudgetRules {
  /** The run's budgets: `name:port` beats `name` beats `default`. */
  readonly hosts: Readonly<Record<string, HostBudget>>;
  /** The worker's: they win over all. */
  readonly caps: HostBudget;
  /** Download workers that there are, at least one. */
  readonly workers: number;
}

/** What applies when nothing is known of a host. **Source** the public contract, run input `hosts`. */
const FALLBACK: HostBudget = { connections: 8, requestsPerSecond: 20 };

/** The budget of a host key (`name` or `name:port`), within the caps. */
export function effectiveBudget(key: string, { hosts, caps }: BudgetRules): HostBudget {
  const given = ownBudget(key, hosts) ?? namedBudget('default', hosts) ?? FALLBACK;
  return {
    connections: Math.min(given.connections, caps.connections),
    requestsPerSecond: Math.min(given.requestsPerSecond, caps.requestsPerSecond),
  };
}

/** How many entries one batch can take at this budget. */
export function batchEntries({ requestsPerSecond }: HostBudget): number {
  const entries = Math.ceil(BATCH_SECONDS * requestsPerSecond);
  return Math.min(LARGEST_BATCH, Math.max(SMALLEST_BATCH, entries));
}

/**
 * One budget for each lane of a host with so many entries: whole numbers of at least 1 whose sum does not exceed the host's. Lanes are
 * what several processes share, so there are as many as have a batch each, and a lane's worth of requests and connections.
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

function share(total: number, lanes: number, index: number): number {
  const whole = Math.floor(total);
  return Math.floor(whole / lanes) + (index < whole % lanes ? 1 : 0);
}
