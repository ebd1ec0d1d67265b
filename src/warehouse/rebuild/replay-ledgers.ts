/** What the ledgers on disk say, beside what the snapshot says: both must be the same. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { parseLedgerLine } from '../../files/ledger/ledger-reader';
import { underRoot } from '../../files/data-root';
import type { Database, Row } from '../driver/database';
import { firstRow, identifier, rowsOf } from '../driver/database';
import { DOWNLOADED_OF_TOUCHED, IMAGE_VIEW } from '../commit/fold';
import { countsOf, TOTALS } from '../commit/run-counts';
import type { LocatedLine } from '../schema/fact-columns';
import { latestVersion } from '../schema/migrations';
import { SCHEMA, type WarehouseSchema } from '../schema/warehouse-schema';
import { stageFacts } from '../commit/staged-outcomes';

/** A difference. `things`: how many rows it stands for. */
export interface Difference {
  readonly words: string;
  readonly things: number;
}

/**
 * Reads every ledger as far as the snapshot applied it, folds it anew, and compares.
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
  const lines = appliedLines(dataRoot, commits, differences);
  await stageFacts(database, 'fact_download', schema.factColumns, lines);
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
    'SELECT count(*) AS staged FROM memory.main.fact_download',
  );
  differences.push(
    ...(await compareFacts(snapshot)),
    ...(await compareCounts(snapshot)),
    ...(await compareImages(snapshot)),
  );
  return { lines: Number(staged), differences };
}

interface ReplayedSnapshot {
  readonly database: Database;
  readonly isSameVersion: boolean;
}

/** The lines that were applied, ledger by ledger; a ledger that is not as it was applied is added to `differences`. */
function* appliedLines(
  dataRoot: string,
  commits: readonly Row[],
  differences: Difference[],
): Generator<LocatedLine> {
  for (const commit of commits) {
    const ledger = String(commit.ledger);
    const runId = String(commit.run_id);
    const byteCount = Number(commit.byte_count);
    const file = underRoot(dataRoot, ledger);
    if (!fs.existsSync(file)) {
      differences.push({ words: `${ledger} is not there`, things: 1 });
      continue;
    }
    const bytes = fs.readFileSync(file).subarray(0, byteCount);
    if (bytes.length < byteCount || sha256(bytes) !== commit.digest) {
      const words = `${ledger} differs from what was applied of it (${byteCount} bytes)`;
      differences.push({ words, things: 1 });
      continue;
    }
    const texts = bytes.toString('utf8').split('\n').slice(0, -1);
    for (const [index, text] of texts.entries()) {
      const line = parseLedgerLine(text);
      if (line !== null) yield { line, runId, ledger, number: index + 1 };
    }
  }
}

function compareFacts(snapshot: ReplayedSnapshot): Promise<readonly Difference[]> {
  return compare(snapshot, {
    what: 'outcome',
    key: "ledger || ' line ' || line",
    expected: 'FROM memory.main.fact_download',
    seen: 'FROM snapshot.fact_download',
  });
}

/** What commits added up, against all counted anew. */
async function compareCounts(snapshot: ReplayedSnapshot): Promise<readonly Difference[]> {
  const counted = `(${countsOf('memory.main.fact_download')})`;
  const runs = await compare(snapshot, {
    what: 'counts of the run',
    key: 'run_id',
    expected: `SELECT run_id, ${TOTALS} FROM ${counted} GROUP BY run_id`,
    seen: `SELECT run_id, stored_count, not_modified_count, failed_count, byte_count, request_count
           FROM snapshot.etl_run WHERE request_count IS NOT NULL`,
  });
  const codes = await compare(snapshot, {
    what: 'count of the code',
    key: "run_id || ' ' || code",
    expected: `SELECT run_id, code, images AS image_count FROM ${counted} WHERE code IS NOT NULL`,
    seen: 'FROM snapshot.etl_run_code WHERE image_count > 0',
  });
  return [...runs, ...codes];
}

/** The fold of what was read, over the snapshot's images and runs. */
async function compareImages(snapshot: ReplayedSnapshot): Promise<readonly Difference[]> {
  const { database } = snapshot;
  await database.run('USE memory');
  for (const table of ['dim_image', 'etl_run'])
    await database.run(`CREATE VIEW ${table} AS FROM snapshot.${table}`);
  await database.run('CREATE TABLE touched AS SELECT source_image_id FROM dim_image');
  const flags = await compare(snapshot, {
    what: 'flag thumb_downloaded',
    key: 'source_image_id',
    expected: `FROM (${DOWNLOADED_OF_TOUCHED})`,
    seen: 'SELECT source_image_id, thumb_downloaded AS downloaded FROM dim_image',
  });
  const images = await compare(snapshot, {
    what: 'image',
    key: 'source_image_id',
    expected: `FROM (${IMAGE_VIEW})`,
    seen: 'FROM snapshot.image',
  });
  await database.run('USE snapshot');
  return [...flags, ...images];
}

interface Comparison {
  readonly what: string;
  readonly key: string;
  readonly expected: string;
  readonly seen: string;
}

/** Multisets: a row that is there twice is as wrong as one that is not there. */
async function compare(
  snapshot: ReplayedSnapshot,
  { what, key, expected, seen }: Comparison,
): Promise<readonly Difference[]> {
  const columns = await comparableColumns(snapshot, expected, seen);
  const select = (query: string): string =>
    `SELECT ${columns.map(identifier).join(', ')} FROM (${query})`;
  const missing = await onlyIn(snapshot.database, key, select(expected), select(seen));
  const extra = await onlyIn(snapshot.database, key, select(seen), select(expected));
  return [
    ...told(missing, (keys) => `the snapshot lacks the ${what} that the ledgers give: ${keys}`),
    ...told(extra, (keys) => `the snapshot has an ${what} that the ledgers do not give: ${keys}`),
  ];
}

/** A snapshot of another version has fewer columns, or more: compared is what both have. */
async function comparableColumns(
  { database, isSameVersion }: ReplayedSnapshot,
  expected: string,
  seen: string,
): Promise<readonly string[]> {
  const columns = await columnsOf(database, expected);
  if (isSameVersion) return columns;
  const there = await columnsOf(database, seen);
  return columns.filter((column) => there.includes(column));
}

async function columnsOf(database: Database, query: string): Promise<readonly string[]> {
  const rows = await rowsOf(database, `SELECT column_name FROM (DESCRIBE ${query})`);
  return rows.map((row) => String(row.column_name));
}

async function onlyIn(database: Database, key: string, these: string, those: string): Promise<Row> {
  return firstRow(
    database,
    `SELECT count(*) AS things, list(key)[1:5] AS keys
     FROM (SELECT ${key} AS key FROM (${these} EXCEPT ALL ${those}))`,
  );
}

function told(row: Row, words: (keys: string) => string): readonly Difference[] {
  const things = Number(row.things);
  return things === 0 ? [] : [{ words: words(String(row.keys)), things }];
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
