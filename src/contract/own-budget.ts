/** Which budget a host has been named, by planning, by the workflow under way and by a batch alike. */
import type { HostBudget } from './run-input';

type Budgets = Readonly<Record<string, HostBudget>>;

/** `name:port` before `name`; null when neither is named. Only own keys: a host may be called `constructor`. */
export function ownBudget(key: string, budgets: Budgets): HostBudget | null {
  return namedBudget(key, budgets) ?? namedBudget(key.replace(/:\d+$/, ''), budgets);
}

/** The budget under exactly this key. */
export function namedBudget(key: string, budgets: Budgets): HostBudget | null {
  return Object.hasOwn(budgets, key) ? (budgets[key] ?? null) : null;
}
