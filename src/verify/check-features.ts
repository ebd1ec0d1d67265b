/** K11: each stored file has its features, has failed, or is pending, and the counts add up. */
import type { Database } from '../warehouse/driver/database';
import { firstRow } from '../warehouse/driver/database';
import { Finding, type Check } from './check-result';
import { addQueryProblems } from './query-problems';

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
  for (const [problem, query] of FILE_PROBLEMS)
    await addQueryProblems(database, finding, query, (sha256) => `file ${sha256} ${problem}`);
  return finding.check();
}

/** What is wrong with files, and the queries of their sha256. */
const FILE_PROBLEMS: readonly (readonly [string, string])[] = [
  [
    "has the state 'computed', but no features",
    "SELECT sha256 FROM feature_state WHERE state = 'computed' AND sha256 NOT IN (SELECT sha256 FROM feature)",
  ],
  ['has features more than once', 'SELECT sha256 FROM feature GROUP BY sha256 HAVING count(*) > 1'],
  [
    'has features with values missing',
    'SELECT sha256 FROM feature WHERE phash IS NULL OR pdq_3 IS NULL OR colour IS NULL OR look IS NULL',
  ],
];
