/** What the ledgers on disk say, beside what the snapshot says: both must be the same. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { parseLine } from '../files/ledger-reader';
import { underRoot } from '../files/data-root';
import type { Database, Row, Value } from './database';
import { firstRow, rowsOf } from './database';
import { DOWNLOADED_OF_TOUCHED, IMAGE_VIEW } from './fold';
import { countsOf, TOTALS } from './run-counts';
import { factRow, stageFacts } from './staged-outcomes';

/** A difference. `things`: how many rows it stands for. */
export interface Difference {
  readonly words: string;
  readonly things: number;
}

/**
 * Reads every ledger as far as the snapshot applied it, folds it anew, and compares.
 *
 * **Shape** the lines read, and every difference. `database`: a snapshot session.
 */
export async function replayLedgers(
  database: Database,
  dataRoot: string,
): Promise<{ readonly lines: number; readonly differences: readonly Difference[] }> {
  const differences: Difference[] = [];
  const commits = await rowsOf(database, 'SELECT * FROM etl_commit ORDER BY ledger');
  await stageFacts(database, 'fact_download', appliedRows(dataRoot, commits, differences));
  const { lines } = await firstRow(
    database,
    'SELECT count(*) AS lines FROM memory.main.fact_download',
  );
  differences.push(
    ...(await compareFacts(database)),
    ...(await compareCounts(database)),
    ...(await compareImages(database)),
  );
  return { lines: Number(lines), differences };
}

/** The lines that were applied, ledger by ledger; a ledger that is not as it was applied is added to `differences`. */
function* appliedRows(
  dataRoot: string,
  commits: readonly Row[],
  differences: Difference[],
): Generator<readonly Value[]> {
  for (const commit of commits) {
    const ledger = String(commit.ledger);
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
      const line = parseLine(text);
      if (line !== null) yield factRow(line, String(commit.run_id), ledger, index + 1);
    }
  }
}

function compareFacts(database: Database): Promise<readonly Difference[]> {
  return compare(database, {
    what: 'outcome',
    key: "ledger || ' line ' || line",
    expected: 'FROM memory.main.fact_download',
    seen: 'FROM snapshot.fact_download',
  });
}

/** What commits added up, against all counted anew. */
async function compareCounts(database: Database): Promise<readonly Difference[]> {
  const counted = `(${countsOf('memory.main.fact_download')})`;
  const runs = await compare(database, {
    what: 'counts of the run',
    key: 'run_id',
    expected: `SELECT run_id, ${TOTALS} FROM ${counted} GROUP BY run_id`,
    seen: `SELECT run_id, stored_count, not_modified_count, failed_count, byte_count, request_count
           FROM snapshot.etl_run WHERE request_count IS NOT NULL`,
  });
  const codes = await compare(database, {
    what: 'count of the code',
    key: "run_id || ' ' || code",
    expected: `SELECT run_id, code, images AS image_count FROM ${counted} WHERE code IS NOT NULL`,
    seen: 'SELECT * FROM snapshot.etl_run_code WHERE image_count > 0',
  });
  return [...runs, ...codes];
}

/** The fold of what was read, over the snapshot's images and runs. */
async function compareImages(database: Database): Promise<readonly Difference[]> {
  await database.run('USE memory');
  for (const table of ['dim_image', 'etl_run'])
    await database.run(`CREATE VIEW ${table} AS FROM snapshot.${table}`);
  await database.run('CREATE TABLE touched AS SELECT source_image_id FROM dim_image');
  const flags = await compare(database, {
    what: 'flag thumb_downloaded',
    key: 'source_image_id',
    expected: `FROM (${DOWNLOADED_OF_TOUCHED})`,
    seen: 'SELECT source_image_id, thumb_downloaded FROM dim_image',
  });
  const images = await compare(database, {
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
  database: Database,
  { what, key, expected, seen }: Comparison,
): Promise<readonly Difference[]> {
  const missing = await onlyIn(database, key, expected, seen);
  const extra = await onlyIn(database, key, seen, expected);
  return [
    ...told(missing, (keys) => `the snapshot lacks the ${what} that the ledgers give: ${keys}`),
    ...told(extra, (keys) => `the snapshot has an ${what} that the ledgers do not give: ${keys}`),
  ];
}

async function onlyIn(database: Database, key: string, these: string, those: string): Promise<Row> {
  return firstRow(
    database,
    `SELECT count(*) AS things, list(key)[1:5] AS keys
     FROM (SELECT ${key} AS key FROM (SELECT * FROM (${these}) EXCEPT ALL SELECT * FROM (${those})))`,
  );
}

function told(row: Row, words: (keys: string) => string): readonly Difference[] {
  const things = Number(row.things);
  return things === 0 ? [] : [{ words: words(String(row.keys)), things }];
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
