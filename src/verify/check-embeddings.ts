/**
 * K12: each segment of embeddings is whole, and each published embedding is in a segment of its
 * model.
 */
import fs from 'node:fs';
import { relativeToRoot } from '../files/data-root';
import { forgetIntact } from '../files/embeddings/intact-segments';
import { listSegmentFolders } from '../files/embeddings/segments';
import type { Database } from '../warehouse/driver/database';
import { literal } from '../duckdb/sql-text';
import { firstRow } from '../warehouse/driver/database';
import { hasSnapshotTable } from '../warehouse/snapshot/snapshot-session';
import { Finding, type Check } from './check-result';
import { addQueryProblems } from './query-problems';

export interface EmbeddingCheckOptions {
  /** A snapshot session that may read the segments. */
  readonly database: Database;
  readonly dataRoot: string;
  /** True to read every number of every segment. */
  readonly deep: boolean;
}

/**
 * How far apart equal embeddings may be, as a share of their length. Packages that execute models
 * differ in the last digits, and a segment may have been computed again by another one.
 */
const TOLERANCE = 0.01;

export async function checkEmbeddings(options: EmbeddingCheckOptions): Promise<Check> {
  const { database } = options;
  const finding = new Finding('K12');
  const hasTable = await hasSnapshotTable(database, 'embedding');
  await database.run('CREATE TABLE memory.main.embedding_found (sha256 VARCHAR, is_equal BOOLEAN)');
  await checkSegments(finding, options, hasTable);
  if (!hasTable) return finding.check();
  const { published } = await firstRow(database, 'SELECT count(*) AS published FROM embedding');
  finding.count(Number(published));
  for (const [problem, query] of PUBLISHED_PROBLEMS)
    await addQueryProblems(
      database,
      finding,
      query,
      (sha256) => `the embedding of the file ${sha256} ${problem}`,
    );
  return finding.check();
}

/** What is wrong with published embeddings, and the queries of the sha256 of their files. */
const PUBLISHED_PROBLEMS: readonly (readonly [string, string])[] = [
  [
    'is published more than once',
    'SELECT sha256 FROM embedding GROUP BY sha256 HAVING count(*) > 1',
  ],
  [
    'is in no segment of its model',
    'SELECT sha256 FROM embedding ANTI JOIN memory.main.embedding_found USING (sha256)',
  ],
  [
    'has other numbers in its segment',
    'SELECT sha256 FROM memory.main.embedding_found GROUP BY sha256 HAVING NOT bool_or(is_equal)',
  ],
];

async function checkSegments(
  finding: Finding,
  { database, dataRoot, deep }: EmbeddingCheckOptions,
  hasTable: boolean,
): Promise<void> {
  for (const { name, path: folder, segments } of listSegmentFolders(dataRoot))
    for (const segment of segments) {
      finding.count();
      const file = relativeToRoot(dataRoot, segment);
      try {
        const wrong = await countIncompleteRows(database, segment, deep);
        if (wrong > 0)
          finding.problem(`${wrong} rows of ${file} have neither an embedding nor a code`, wrong);
        if (hasTable) await findPublished(database, { segment, name });
      } catch (error) {
        // The next run of the step reads it too, and makes it again.
        forgetIntact(folder);
        // A run moves a segment that it cannot read to quarantine/.
        if (fs.existsSync(segment)) finding.problem(`${file} cannot be read (${String(error)})`);
      }
    }
}

/** @throws DuckDB's error when the segment cannot be read. */
async function countIncompleteRows(
  database: Database,
  segment: string,
  deep: boolean,
): Promise<number> {
  // A sum makes DuckDB read every page of the column, whose contents the file checks.
  const numbers = deep ? ', sum(list_sum(embedding)) AS numbers' : '';
  const { wrong } = await firstRow(
    database,
    `SELECT count(*) FILTER (code IS NULL AND (embedding IS NULL OR projected IS NULL)) AS wrong${numbers}
     FROM read_parquet(${literal(segment)})`,
  );
  return Number(wrong);
}

/** Adds to `embedding_found` the published embeddings that the segment has. */
async function findPublished(
  database: Database,
  { segment, name }: { readonly segment: string; readonly name: string },
): Promise<void> {
  await database.run(
    `INSERT INTO memory.main.embedding_found
     SELECT e.sha256, CASE WHEN len(s.projected) = len(e.vector)
       THEN list_distance(s.projected, e.vector::FLOAT[])
         <= ${TOLERANCE} * sqrt(list_inner_product(e.vector::FLOAT[], e.vector::FLOAT[]))
       ELSE false END
     FROM embedding e JOIN read_parquet(${literal(segment)}) s USING (sha256)
     WHERE s.code IS NULL AND starts_with(e.version, ${literal(name)})`,
  );
}
