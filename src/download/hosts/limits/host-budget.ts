/** The limits of a batch for one host. */
import { budgetFor, lowerBudget } from '../../../contract/hosts/host-budget';
import type { HostBudget } from '../../../contract/run-input';
import type { BatchOptions } from '../../batch-options';

type BudgetOptions = Pick<BatchOptions, 'input' | 'config'>;

/** A low budget, so that a lane for which none was given cannot overload a host. */
const FALLBACK: HostBudget = { connections: 1, requestsPerSecond: 1 };

/**
 * The run's budget for a host: an entry for `name:port` precedes one for `name`, which precedes
 * `default`. It is never larger than the worker's caps. The caps apply to the host, so lanes that
 * share the host share the caps as well.
 */
export function hostBudget(options: BudgetOptions, host: string): HostBudget {
  const { connections, requestsPerSecond } = wholeBudget(options, host);
  const sharedBy = options.input.sharedBy ?? 1;
  return {
    connections: shareOf(connections, sharedBy),
    requestsPerSecond: shareOf(requestsPerSecond, sharedBy),
  };
}

/** The budget of all lanes of the host together. */
export function wholeBudget({ input, config }: BudgetOptions, host: string): HostBudget {
  return lowerBudget(budgetFor(host, input.budgets) ?? FALLBACK, {
    connections: config.maxConnectionsPerHost,
    requestsPerSecond: config.maxRequestsPerSecond,
  });
}

function shareOf(whole: number, sharedBy: number): number {
  return sharedBy === 1 ? whole : Math.max(1, Math.floor(whole / sharedBy));
}
