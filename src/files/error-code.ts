/**
 * The code of a system error (`ENOENT`), or null. Does not use `instanceof` because in Jest Node's
 * own errors come from another realm.
 */
export function errorCode(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null;
  return String(error.code);
}
