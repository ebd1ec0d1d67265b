/** The budget that one host has in a run. */
import { budgetFor, lowerBudget } from '../contract/hosts/host-budget';
import type { HostBudget } from '../contract/run-input';

export interface BudgetRules {
  /** The run's budgets: `name:port` before `name` before `default`. */
  readonly hosts: Readonly<Record<string, HostBudget>>;
  /** The worker's upper limits, which no budget of the run exceeds. */
  readonly caps: HostBudget;
  /** The number of download workers that poll when the run is planned; at least one. */
  readonly workers: number;
}

/** The budget of a host for which the run has none. docs/reference/input.md describes `hosts`. */
const FALLBACK: HostBudget = { connections: 8, requestsPerSecond: 20 };

/** Returns the budget of a host key (`name` or `name:port`) within the caps. */
export function effectiveBudget(key: string, { hosts, caps }: BudgetRules): HostBudget {
  return lowerBudget(budgetFor(key, hosts) ?? FALLBACK, caps);
}
