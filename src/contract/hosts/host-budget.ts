/** Decides which budget applies to a host. Planning, the workflow and a batch must agree on it. */
import type { HostBudget } from '../run-input';

type Budgets = Readonly<Record<string, HostBudget>>;

/** The budget that names the host: `name:port` before `name`; null when there is neither. */
export function ownBudget(host: string, budgets: Budgets): HostBudget | null {
  const key = budgetKey(host, budgets);
  return key === null ? null : namedBudget(key, budgets);
}

/**
 * The key under which {@link ownBudget} finds the budget. Only own keys count, because a host may
 * be called `constructor`.
 */
export function budgetKey(host: string, budgets: Budgets): string | null {
  const keys = [host, host.replace(/:\d+$/, '')];
  return keys.find((key) => Object.hasOwn(budgets, key)) ?? null;
}

/** The budget that applies to the host: its own, or else `default`; null when there is neither. */
export function budgetFor(host: string, budgets: Budgets): HostBudget | null {
  return ownBudget(host, budgets) ?? namedBudget('default', budgets);
}

/** Of each limit the lower one. */
export function lowerBudget(one: HostBudget, other: HostBudget): HostBudget {
  return {
    connections: Math.min(one.connections, other.connections),
    requestsPerSecond: Math.min(one.requestsPerSecond, other.requestsPerSecond),
  };
}

/** The budget under exactly this key. */
function namedBudget(key: string, budgets: Budgets): HostBudget | null {
  return Object.hasOwn(budgets, key) ? (budgets[key] ?? null) : null;
}
