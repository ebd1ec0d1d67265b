/** What a lane's hosts are given, once an operator has changed budgets under way. */
import { ownBudget } from '../contract/own-budget';
import type { DownloadBatchInput, Lane } from '../contract/payloads';
import type { HostBudget } from '../contract/run-input';

type Budgets = Readonly<Record<string, HostBudget>>;

/** **Shape** `budgets` and `sharedBy` as a batch takes them. */
export interface LaneBudget extends Pick<DownloadBatchInput, 'budgets' | 'sharedBy'> {
  /** So many of the host's lanes may run at once; the others wait for their turn. */
  readonly mostLanes: number;
}

/**
 * The plan's own budgets as long as nobody changed any. Afterwards the narrower name wins, as in the input: `name:port`, `name`,
 * `default`; what the plan had shared out over the lanes of a host is shared anew, over no more lanes than the budget has
 * connections and requests per second.
 */
export function laneBudget(lane: Lane, input: Budgets, given: Budgets): LaneBudget {
  const { budgets: planned, lanesOfHost = 1 } = lane;
  if (Object.keys(given).length === 0) return { budgets: planned, mostLanes: lanesOfHost };
  const wanted = { ...input, ...given };
  const named = Object.keys(planned).filter((key) => key !== 'default');
  const budgets: Record<string, HostBudget> = { ...given };
  for (const key of [...named, 'default']) {
    const budget = ownBudget(key, wanted) ?? wanted.default;
    if (budget !== undefined) budgets[key] = budget;
  }
  const host = lanesOfHost > 1 ? budgets[named[0] ?? ''] : undefined;
  if (host === undefined) return { budgets, mostLanes: lanesOfHost };
  const carried = Math.floor(Math.min(host.connections, host.requestsPerSecond));
  const lanes = Math.max(1, Math.min(lanesOfHost, carried));
  return { budgets, sharedBy: lanes, mostLanes: lanes };
}
