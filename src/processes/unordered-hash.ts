/** A hash of the rows of a table that does not depend on their order. */

/**
 * Equal rows in any order give equal values. The number of rows and two ways to combine their
 * hashes make it improbable that different rows do too.
 *
 * @param rowHash the SQL expression of the hash of one row.
 * @returns three SQL expressions of the type VARCHAR, for a SELECT list.
 */
export function unorderedHashSql(rowHash: string): string {
  return `count(*)::VARCHAR, sum(${rowHash}::HUGEINT)::VARCHAR, bit_xor(${rowHash})::VARCHAR`;
}
