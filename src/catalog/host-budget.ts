/** What one host is given in this run, and how it is shared out over its lanes. */
import { namedBudget, ownBudget } from '../contract/own-budget';
import type { HostBudget } from '../contract/run-input';

/** A host may have several lanes above this. **Units** requests per second. **Source** design.md, "Politeness". */
const REQUESTS_PER_SECOND_OF_A_LANE = 200;
/** A batch is time-boxed to so much. **Units** seconds; entries. */
const BATCH_SECONDS = 90;
const SMALLEST_BATCH = 100;

export interface BudgetRules {
  /** The run's budgets: `name:port` beats `name` beats `default`. */
  readonly hosts: Readonly<Record<string, HostBudget>>;
  /** The worker's: they win over all. */
  readonly caps: HostBudget;
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
  return Math.max(SMALLEST_BATCH, Math.ceil(BATCH_SECONDS * requestsPerSecond));
}

/** One budget for each lane of the host: whole numbers of at least 1 whose sum does not exceed the host's. */
export function shareBudget(budget: HostBudget): readonly HostBudget[] {
  const wanted = Math.ceil(budget.requestsPerSecond / REQUESTS_PER_SECOND_OF_A_LANE);
  const lanes = Math.max(1, Math.min(wanted, Math.floor(budget.connections)));
  if (lanes === 1) return [budget];
  return Array.from({ length: lanes }, (_, index) => ({
    connections: share(budget.connections, lanes, index),
    requestsPerSecond: share(budget.requestsPerSecond, lanes, index),
  }));
}

function share(total: number, lanes: number, index: number): number {
  const whole = Math.floor(total);
  return Math.floor(whole / lanes) + (index < whole % lanes ? 1 : 0);
}
