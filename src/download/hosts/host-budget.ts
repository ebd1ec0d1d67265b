/** What a batch may ask of a host. */
import { ownBudget } from '../../contract/own-budget';
import type { HostBudget } from '../../contract/run-input';
import type { BatchOptions } from '../batch-options';

/** Below the widest budget of any host, so that a lane without one cannot be asked for more. */
const FALLBACK: HostBudget = { connections: 1, requestsPerSecond: 1 };

/**
 * The run's budget for a host, `name:port` before `name` before `default`, never wider than the worker's caps: the caps are the
 * host's, so they are shared like the budget.
 */
export function hostBudget(
  { input, config }: Pick<BatchOptions, 'input' | 'config'>,
  host: string,
): HostBudget {
  const { budgets } = input;
  const wanted = ownBudget(host, budgets) ?? budgets.default ?? FALLBACK;
  const sharedBy = input.sharedBy ?? 1;
  return {
    connections: share(Math.min(wanted.connections, config.maxConnectionsPerHost), sharedBy),
    requestsPerSecond: share(
      Math.min(wanted.requestsPerSecond, config.maxRequestsPerSecond),
      sharedBy,
    ),
  };
}

function share(whole: number, sharedBy: number): number {
  return sharedBy === 1 ? whole : Math.max(1, Math.floor(whole / sharedBy));
}
