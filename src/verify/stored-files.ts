/**
 * Check K2: every file that the snapshot names exists with the recorded length and, in a deep
 * check, with the recorded bytes.
 */
import type { Database } from '../warehouse/driver/database';
import { firstRow, rowsOf } from '../warehouse/driver/database';
import { withCollectionColumns } from '../warehouse/snapshot/collection-columns';
import { Finding, MOST_EXAMPLES, type Check } from './check-result';

/** The number of rows of one query. */
const ROWS_PER_QUERY = 10_000;

/** A recorded file that is missing or damaged. */
export interface BrokenFile {
  readonly id: string;
  /** Null for the unnamed one. */
  readonly collection: string | null;
  readonly path: string;
  /** The hash of the URL that the file came from. */
  readonly urlHash: string;
  /**
   * False when the image is no longer in the catalog or has another URL there, so that the file
   * cannot be fetched again.
   */
  readonly isFetchable: boolean;
  /** For example "has 10 bytes, not 4711". */
  readonly problem: string;
}

const PROBLEM = `
  CASE WHEN d.path IS NULL THEN 'is not there'
       WHEN NOT d.is_file THEN 'is no file'
       WHEN d.bytes <> i.thumb_bytes THEN 'has ' || d.bytes || ' bytes, not ' || i.thumb_bytes
       WHEN d.error IS NOT NULL THEN 'cannot be read (' || d.error || ')'
       WHEN d.sha256 <> i.thumb_sha256 THEN 'has the sha256 ' || d.sha256 || ', not ' || i.thumb_sha256 END`;

/** Fills `memory.main.broken_file` from the snapshot's images and `memory.main.disk_file`. */
export async function stageBrokenFiles(database: Database): Promise<void> {
  const images = await withCollectionColumns(database, 'image');
  await database.run(
    `CREATE TABLE memory.main.recorded AS
     SELECT i.source_image_id AS id, i.collection, i.thumb_path AS path, i.thumb_file_url_hash AS url_hash,
       i.removed_at IS NULL AND i.thumb_file_url_hash = i.thumb_url_hash AS is_fetchable, ${PROBLEM} AS problem
     FROM ${images} i LEFT JOIN memory.main.disk_file d ON d.path = i.thumb_path WHERE i.thumb_path IS NOT NULL`,
  );
  await database.run(
    `CREATE TABLE memory.main.broken_file AS
     SELECT row_number() OVER (ORDER BY path) AS nth, * FROM memory.main.recorded WHERE problem IS NOT NULL`,
  );
}

/** The number of files that the snapshot names. */
export async function countRecorded(database: Database): Promise<number> {
  const { recorded } = await firstRow(database, 'SELECT count(thumb_path) AS recorded FROM image');
  return Number(recorded);
}

/** The files that {@link stageBrokenFiles} found, in the order of their paths. */
export async function* brokenFiles(database: Database): AsyncGenerator<BrokenFile> {
  for (let from = 0; ; from += ROWS_PER_QUERY) {
    const rows = await rowsOf(
      database,
      'SELECT * FROM memory.main.broken_file WHERE nth > ? AND nth <= ? ORDER BY nth',
      [from, from + ROWS_PER_QUERY],
    );
    if (rows.length === 0) return;
    for (const row of rows)
      yield {
        id: String(row.id),
        collection: row.collection === null ? null : String(row.collection),
        path: String(row.path),
        urlHash: String(row.url_hash),
        isFetchable: row.is_fetchable === true,
        problem: String(row.problem),
      };
  }
}

export async function checkStoredFiles(database: Database): Promise<Check> {
  const finding = new Finding('K2');
  await stageBrokenFiles(database);
  finding.count(await countRecorded(database));
  const { broken } = await firstRow(
    database,
    'SELECT count(*) AS broken FROM memory.main.broken_file',
  );
  const first = await rowsOf(
    database,
    'SELECT * FROM memory.main.broken_file WHERE nth <= ? ORDER BY nth',
    [MOST_EXAMPLES],
  );
  finding.addProblems(
    Number(broken),
    first.map(({ id, path, problem }) => `image ${String(id)}: ${String(path)} ${String(problem)}`),
  );
  return finding.check();
}
