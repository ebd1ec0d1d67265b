/** What a batch may ask of a host. */
import { ownBudget } from '../../../contract/own-budget';
import type { HostBudget } from '../../../contract/run-input';
import type { BatchOptions } from '../../batch-options';

type BudgetOptions = Pick<BatchOptions, 'input' | 'config'>;

/** Below the widest budget of any host, so that a lane without one cannot be asked for more. */
const FALLBACK: HostBudget = { connections: 1, requestsPerSecond: 1 };

/**
 * The run's budget for a host, `name:port` before `name` before `default`, never wider than the worker's caps: the caps are the
 * host's, so they are shared like the budget.
 */
export function hostBudget(options: BudgetOptions, host: string): HostBudget {
  const { connections, requestsPerSecond } = wholeBudget(options, host);
  const sharedBy = options.input.sharedBy ?? 1;
  return {
    connections: share(connections, sharedBy),
    requestsPerSecond: share(requestsPerSecond, sharedBy),
  };
}

/** The budget of all lanes of the host together. */
export function wholeBudget({ input, config }: BudgetOptions, host: string): HostBudget {
  const { budgets } = input;
  const wanted = ownBudget(host, budgets) ?? budgets.default ?? FALLBACK;
  return {
    connections: Math.min(wanted.connections, config.maxConnectionsPerHost),
    requestsPerSecond: Math.min(wanted.requestsPerSecond, config.maxRequestsPerSecond),
  };
}

function share(whole: number, sharedBy: number): number {
  return sharedBy === 1 ? whole : Math.max(1, Math.floor(whole / sharedBy));
}
