/** The budgets of a lane's hosts, once an operator has changed budgets during the run. */
import { budgetFor, budgetKey } from '../../contract/hosts/host-budget';
import type { DownloadBatchInput, Lane } from '../../contract/payloads';
import type { HostBudget } from '../../contract/run-input';

type Budgets = Readonly<Record<string, HostBudget>>;

/** `budgets` and `sharedBy` as a batch takes them. */
export interface LaneBudget extends Pick<DownloadBatchInput, 'budgets' | 'sharedBy'> {
  /** The most lanes of the host that may run at once. The others wait. */
  readonly mostLanes: number;
}

/**
 * A host keeps the budget that it has in the plan until an operator gives one that applies to it.
 * The narrower name wins, as in the input: `name:port`, `name`, `default`. Where the plan divided a
 * host's budget among several lanes, a new budget is divided evenly, among no more lanes than it
 * has connections and requests per second.
 *
 * @param given The budgets that operators have given since the run began.
 */
export function laneBudget(lane: Lane, input: Budgets, given: Budgets): LaneBudget {
  const { budgets: planned, lanesOfHost = 1 } = lane;
  const unchanged = { budgets: planned, mostLanes: lanesOfHost };
  if (Object.keys(given).length === 0) return unchanged;
  const wanted = { ...input, ...given };
  const isChanged = (host: string): boolean =>
    Object.hasOwn(given, budgetKey(host, wanted) ?? 'default');
  const changed = Object.keys(planned).filter(isChanged);
  const budgets = { ...planned, ...given };
  for (const key of changed) {
    const budget = budgetFor(key, wanted);
    if (budget !== null) budgets[key] = budget;
  }
  const host = changed.find((key) => key !== 'default');
  const budget = host === undefined ? undefined : budgets[host];
  if (lanesOfHost === 1 || budget === undefined) return { budgets, mostLanes: lanesOfHost };
  const carried = Math.floor(Math.min(budget.connections, budget.requestsPerSecond));
  const lanes = Math.max(1, Math.min(lanesOfHost, carried));
  return { budgets, sharedBy: lanes, mostLanes: lanes };
}
