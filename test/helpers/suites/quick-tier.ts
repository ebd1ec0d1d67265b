/**
 * What `npm run test:quick` leaves out of a file of tests (jest.quick.config.cjs). In `npm test`
 * everything here is what it is without this module.
 */
export const isQuickTier = process.env.TEST_TIER === 'quick';

/** A test beside others of its file that show the same mechanism. */
export const itUnlessQuick = isQuickTier ? it.skip : it;

/** The same for several tests. */
export const describeUnlessQuick = isQuickTier ? describe.skip : describe;

/** All cases of a table, or in the quick tier the first case of each row. */
export function casesOfTier<T extends { readonly row: string }>(cases: readonly T[]): readonly T[] {
  if (!isQuickTier) return cases;
  const rows = new Map<string, T>();
  for (const one of cases) if (!rows.has(one.row)) rows.set(one.row, one);
  return [...rows.values()];
}
