/** K11: each stored file has its features, has failed, or is pending, and the counts add up. */
import type { Database } from '../warehouse/driver/database';
import { firstRow, rowsOf } from '../warehouse/driver/database';
import { Finding, MOST_EXAMPLES, type Check } from './check-result';

export async function checkFeatures(database: Database): Promise<Check> {
  const finding = new Finding('K11');
  // A snapshot of version 1 has no features.
  const { found } = await firstRow(
    database,
    "SELECT count(*) AS found FROM duckdb_views() WHERE view_name = 'feature_state'",
  );
  if (Number(found) === 0) return finding.check();
  const { files } = await firstRow(
    database,
    "SELECT count(DISTINCT thumb_sha256) AS files FROM image WHERE state = 'stored'",
  );
  finding.count(Number(files));
  const { states } = await firstRow(database, 'SELECT count(*) AS states FROM feature_state');
  if (Number(states) !== Number(files))
    finding.problem(
      `${Number(states)} files have a state of features, ${Number(files)} are stored`,
    );
  await addProblems(
    database,
    finding,
    "has the state 'computed', but no features",
    COMPUTED_WITHOUT,
  );
  await addProblems(database, finding, 'has features more than once', TWICE);
  await addProblems(database, finding, 'has features with values missing', INCOMPLETE);
  return finding.check();
}

/** Queries of the sha256 of files with a problem. */
const COMPUTED_WITHOUT =
  "SELECT sha256 FROM feature_state WHERE state = 'computed' AND sha256 NOT IN (SELECT sha256 FROM feature)";
const TWICE = 'SELECT sha256 FROM feature GROUP BY sha256 HAVING count(*) > 1';
const INCOMPLETE =
  'SELECT sha256 FROM feature WHERE phash IS NULL OR pdq_3 IS NULL OR colour IS NULL OR look IS NULL';

async function addProblems(
  database: Database,
  finding: Finding,
  problem: string,
  query: string,
): Promise<void> {
  const { wrong } = await firstRow(database, `SELECT count(*) AS wrong FROM (${query})`);
  const first = await rowsOf(database, `${query} ORDER BY sha256 LIMIT ${MOST_EXAMPLES}`);
  finding.addProblems(
    Number(wrong),
    first.map(({ sha256 }) => `file ${String(sha256)} ${problem}`),
  );
}
