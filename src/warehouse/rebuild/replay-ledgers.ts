/**
 * Compares the content of the ledgers on disk with the content of the snapshot, which must be the
 * same.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { parseFeatureLine } from '../../files/ledger/feature-ledger';
import { parseLedgerLine } from '../../files/ledger/ledger-reader';
import { underRoot } from '../../files/data-root';
import type { Database, Row } from '../driver/database';
import { identifier } from '../../duckdb/sql-text';
import { firstRow, rowsOf } from '../driver/database';
import { DOWNLOADED_OF_TOUCHED, IMAGE_VIEW } from '../commit/fold-outcomes';
import { countOutcomesSql, RUN_TOTALS } from '../commit/run-counts';
import type { ParseLine } from '../commit/ledger-tail';
import type { LocatedLine } from '../schema/staged-column';
import { latestVersion } from '../schema/migrations';
import { SCHEMA, type WarehouseSchema } from '../schema/warehouse-schema';
import { withCollectionColumns } from '../snapshot/collection-columns';
import { hasSnapshotTable } from '../snapshot/snapshot-session';
import { stageFacts } from '../commit/staged-outcomes';

/**
 * A difference between ledgers and snapshot. `rowCount` is the number of rows that it stands for.
 */
export interface Difference {
  readonly message: string;
  readonly rowCount: number;
}

/**
 * Reads the applied part of every ledger, folds it again, and compares the result with the
 * snapshot.
 *
 * @returns the number of lines read, and every difference.
 * @param database a snapshot session; the snapshot may be of another version than `schema`.
 */
export async function replayLedgers(
  database: Database,
  dataRoot: string,
  schema: WarehouseSchema = SCHEMA,
): Promise<{ readonly lines: number; readonly differences: readonly Difference[] }> {
  const differences: Difference[] = [];
  const commits = await rowsOf(database, 'SELECT * FROM etl_commit ORDER BY ledger');
  const outcomes = commits.filter((commit) => !isOfFeatures(commit));
  await stageFacts(
    database,
    { name: 'fact_download', columns: schema.factColumns },
    appliedLines({ dataRoot, commits: outcomes, parse: parseLedgerLine, differences }),
  );
  await stageFacts(
    database,
    { name: 'fact_feature', columns: schema.featureColumns },
    appliedLines({
      dataRoot,
      commits: commits.filter(isOfFeatures),
      parse: parseFeatureLine,
      differences,
    }),
  );
  const { version } = await firstRow(
    database,
    'SELECT max(version) AS version FROM schema_version',
  );
  const snapshot = {
    database,
    isSameVersion: Number(version) === latestVersion(schema.migrations),
  };
  const { staged } = await firstRow(
    database,
    `SELECT count(*) AS staged FROM
       (SELECT line FROM memory.main.fact_download UNION ALL SELECT line FROM memory.main.fact_feature)`,
  );
  differences.push(
    ...(await compareFacts(snapshot)),
    ...(await compareFeatures(snapshot)),
    ...(await compareCounts(snapshot)),
    ...(await compareImages(snapshot)),
  );
  return { lines: Number(staged), differences };
}

interface ReplayedSnapshot {
  readonly database: Database;
  readonly isSameVersion: boolean;
}

/** Whether a row of `etl_commit` is about a ledger of features. */
function isOfFeatures({ ledger }: Row): boolean {
  return /^runs\/[^/]+\/features\//.test(String(ledger));
}

/**
 * Yields the applied lines of each ledger. A ledger that is missing or differs from its applied
 * part is added to `differences`.
 */
function* appliedLines<Line>({
  dataRoot,
  commits,
  parse,
  differences,
}: {
  readonly dataRoot: string;
  readonly commits: readonly Row[];
  readonly parse: ParseLine<Line>;
  readonly differences: Difference[];
}): Generator<LocatedLine<Line>> {
  for (const commit of commits) {
    const ledger = String(commit.ledger);
    const runId = String(commit.run_id);
    const byteCount = Number(commit.byte_count);
    const file = underRoot(dataRoot, ledger);
    if (!fs.existsSync(file)) {
      differences.push({ message: `${ledger} is not there`, rowCount: 1 });
      continue;
    }
    const bytes = fs.readFileSync(file).subarray(0, byteCount);
    if (bytes.length < byteCount || sha256(bytes) !== commit.digest) {
      const message = `${ledger} differs from what was applied of it (${byteCount} bytes)`;
      differences.push({ message, rowCount: 1 });
      continue;
    }
    const texts = bytes.toString('utf8').split('\n').slice(0, -1);
    for (const [index, text] of texts.entries()) {
      const line = parse(text);
      if (line !== null) yield { line, runId, ledger, number: index + 1 };
    }
  }
}

function compareFacts(snapshot: ReplayedSnapshot): Promise<readonly Difference[]> {
  return compareQueries(snapshot, {
    what: 'outcome',
    key: "ledger || ' line ' || line",
    expected: 'FROM memory.main.fact_download',
    actual: 'FROM snapshot.fact_download',
  });
}

/** A snapshot of version 1 has no table of features. */
async function compareFeatures(snapshot: ReplayedSnapshot): Promise<readonly Difference[]> {
  if (!(await hasSnapshotTable(snapshot.database, 'fact_feature'))) return [];
  return compareQueries(snapshot, {
    what: 'line of features',
    key: "ledger || ' line ' || line",
    expected: 'FROM memory.main.fact_feature',
    actual: 'FROM snapshot.fact_feature',
  });
}

/** Compares the counts that commits added up with a complete count. */
async function compareCounts(snapshot: ReplayedSnapshot): Promise<readonly Difference[]> {
  const counted = `(${countOutcomesSql('memory.main.fact_download')})`;
  const runs = await compareQueries(snapshot, {
    what: 'counts of the run',
    key: 'run_id',
    expected: `SELECT run_id, ${RUN_TOTALS} FROM ${counted} GROUP BY run_id`,
    actual: `SELECT run_id, stored_count, not_modified_count, failed_count, byte_count, request_count
           FROM snapshot.etl_run WHERE request_count IS NOT NULL`,
  });
  const codes = await compareQueries(snapshot, {
    what: 'count of the code',
    key: "run_id || ' ' || code",
    expected: `SELECT run_id, code, images AS image_count FROM ${counted} WHERE code IS NOT NULL`,
    actual: 'FROM snapshot.etl_run_code WHERE image_count > 0',
  });
  return [...runs, ...codes];
}

/** Compares the fold of the lines read with the snapshot, using the snapshot's images and runs. */
async function compareImages(snapshot: ReplayedSnapshot): Promise<readonly Difference[]> {
  const { database } = snapshot;
  await database.run('USE memory');
  const images = await withCollectionColumns(database, 'snapshot.dim_image');
  await database.run(`CREATE VIEW dim_image AS FROM ${images}`);
  await database.run('CREATE VIEW etl_run AS FROM snapshot.etl_run');
  await database.run('CREATE TABLE touched AS SELECT source_image_id FROM dim_image');
  const flags = await compareQueries(snapshot, {
    what: 'flag thumb_downloaded',
    key: 'source_image_id',
    expected: `FROM (${DOWNLOADED_OF_TOUCHED})`,
    actual: 'SELECT source_image_id, thumb_downloaded AS downloaded FROM dim_image',
  });
  const folded = await compareQueries(snapshot, {
    what: 'image',
    key: 'source_image_id',
    expected: `FROM (${IMAGE_VIEW})`,
    actual: 'FROM snapshot.image',
  });
  await database.run('USE snapshot');
  return [...flags, ...folded];
}

interface Comparison {
  readonly what: string;
  readonly key: string;
  readonly expected: string;
  readonly actual: string;
}

/** Compares two queries as multisets: a row that occurs twice is as wrong as a missing one. */
async function compareQueries(
  snapshot: ReplayedSnapshot,
  { what, key, expected, actual }: Comparison,
): Promise<readonly Difference[]> {
  const columns = await comparableColumns(snapshot, expected, actual);
  const select = (query: string): string =>
    `SELECT ${columns.map(identifier).join(', ')} FROM (${query})`;
  const missing = await onlyIn(snapshot.database, key, select(expected), select(actual));
  const extra = await onlyIn(snapshot.database, key, select(actual), select(expected));
  return [
    ...asDifferences(
      missing,
      (keys) => `the snapshot lacks the ${what} that the ledgers give: ${keys}`,
    ),
    ...asDifferences(
      extra,
      (keys) => `the ledgers do not give the ${what} that the snapshot has: ${keys}`,
    ),
  ];
}

/**
 * The columns to compare. A snapshot of another version may have fewer or more of them, so only
 * common columns are compared.
 */
async function comparableColumns(
  { database, isSameVersion }: ReplayedSnapshot,
  expected: string,
  actual: string,
): Promise<readonly string[]> {
  const columns = await columnsOf(database, expected);
  if (isSameVersion) return columns;
  const actualColumns = await columnsOf(database, actual);
  return columns.filter((column) => actualColumns.includes(column));
}

async function columnsOf(database: Database, query: string): Promise<readonly string[]> {
  const rows = await rowsOf(database, `SELECT column_name FROM (DESCRIBE ${query})`);
  return rows.map((row) => String(row.column_name));
}

async function onlyIn(database: Database, key: string, these: string, those: string): Promise<Row> {
  return firstRow(
    database,
    `SELECT count(*) AS row_count, list(key)[1:5] AS keys
     FROM (SELECT ${key} AS key FROM (${these} EXCEPT ALL ${those}))`,
  );
}

function asDifferences(row: Row, describeRows: (keys: string) => string): readonly Difference[] {
  const rowCount = Number(row.row_count);
  return rowCount === 0 ? [] : [{ message: describeRows(String(row.keys)), rowCount }];
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
