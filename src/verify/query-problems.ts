/** Reports what a query finds as problems of a check. */
import type { Database } from '../warehouse/driver/database';
import { firstRow, rowsOf } from '../warehouse/driver/database';
import { MOST_EXAMPLES, type Finding } from './check-result';

/**
 * Counts all rows of the query, and gives the first ones as examples.
 *
 * @param query has a column sha256.
 * @param asText describes the problem of one file.
 */
export async function addQueryProblems(
  database: Database,
  finding: Finding,
  query: string,
  asText: (sha256: string) => string,
): Promise<void> {
  const { wrong } = await firstRow(database, `SELECT count(*) AS wrong FROM (${query})`);
  const first = await rowsOf(database, `${query} ORDER BY sha256 LIMIT ${MOST_EXAMPLES}`);
  finding.addProblems(
    Number(wrong),
    first.map(({ sha256 }) => asText(String(sha256))),
  );
}
