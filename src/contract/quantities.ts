/** Amounts as users read them, in `status` and in the Web UI's details. */

export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1_000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power] ?? ''}`;
}

/**
 * A number with a comma before each three digits. It does not use Intl, because a workflow's replay
 * cannot rely on it.
 */
export function amountText(amount: number): string {
  return String(amount).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** An amount and what is counted, whose plural has an `s`: `1 host`, `2,000 hosts`. */
export function countText(amount: number, noun: string): string {
  return `${amountText(amount)} ${noun}${amount === 1 ? '' : 's'}`;
}

/** An amount as it is, and what is counted, in one of its two forms: `1 is`, `2000 are`. */
export function counted(amount: number, one: string, more: string): string {
  return `${amount} ${amount === 1 ? one : more}`;
}

/** A duration, given in seconds. */
export function durationText(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  if (seconds < 3_600) return `${Math.round(seconds / 60)} min`;
  return `${Math.floor(seconds / 3_600)} h ${Math.round((seconds % 3_600) / 60)} min`;
}
