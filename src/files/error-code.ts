/** The code of a system error (`ENOENT`), or null. Not by `instanceof`: in tests Node's own errors are another realm's. */
export function errorCode(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null;
  return String(error.code);
}
