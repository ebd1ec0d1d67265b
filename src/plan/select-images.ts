/** Selects the images to download from the snapshot. */
import type { DuckDBConnection } from '@duckdb/node-api';
import type { UnknownIds } from '../contract/run-record';
import { unknownCollection } from '../files/run/known-collection';
import { readIdList } from '../catalog/read-id-list';
import type { PlanJob } from './plan-job';
import { plainHostSql } from './plain-url';
import { plannedUrl } from './planned-url';

const STATE_CONDITIONS: Readonly<Record<PlanJob['select'], string>> = {
  pending: "i.state = 'pending' OR (i.state = 'failed' AND i.last_error_retryable)",
  failed: "i.state IN ('pending', 'failed')",
  all: "i.state IN ('pending', 'failed', 'stored')",
};

/** The recorded file counts only if it was downloaded from the image's current URL. */
const HAS_CURRENT_FILE = "i.state = 'stored' AND i.thumb_file_url_hash = i.thumb_url_hash";

/** Loads the ids of the file `only` into the table `memory.main.only_id`. */
export async function loadOnlyIds(writer: DuckDBConnection, file: string): Promise<void> {
  await writer.run('CREATE TABLE only_id (id VARCHAR)');
  const appender = await writer.createAppender('only_id');
  for await (const id of readIdList(file)) {
    appender.appendVarchar(id);
    appender.endRow();
  }
  appender.closeSync();
}

/** `isOfCollection` is that of {@link collectionCondition}. */
interface Selection {
  readonly job: PlanJob;
  readonly isOfCollection: string;
}

/**
 * Copies the selected images into the table `memory.main.planned`, with the normalised URL and its
 * host. `snapshot` and `writer` must be different connections, because a result is open on one
 * while the other appends.
 */
export async function selectImages(
  snapshot: DuckDBConnection,
  writer: DuckDBConnection,
  { job, isOfCollection }: Selection,
): Promise<void> {
  await snapshot.run(`CREATE TABLE memory.main.planned AS ${selectionQuery(job, isOfCollection)}`);
  const parsedCount = await parseOtherUrls(snapshot, writer);
  if (parsedCount === 0) return;
  await writer.run(
    `INSERT INTO planned
     SELECT o.host, o.url, p.* EXCLUDE (host, url)
     FROM planned p JOIN other_url o ON p.url = o.given WHERE p.host IS NULL`,
  );
  await writer.run('DELETE FROM planned WHERE host IS NULL');
}

/**
 * Parses the URLs whose host is not known yet, into the table `memory.main.other_url`. A URL passes
 * from DuckDB to JavaScript and back, which takes much longer than to recognise a plain one in SQL.
 *
 * @returns the number of URLs.
 */
async function parseOtherUrls(reader: DuckDBConnection, writer: DuckDBConnection): Promise<number> {
  await writer.run('CREATE TABLE other_url (given VARCHAR, host VARCHAR, url VARCHAR)');
  const appender = await writer.createAppender('other_url');
  const result = await reader.stream(
    'SELECT DISTINCT url FROM memory.main.planned WHERE host IS NULL',
  );
  let count = 0;
  for await (const rows of result.yieldRows()) {
    for (const [given] of rows) {
      const { host, url } = plannedUrl(String(given));
      appender.appendVarchar(String(given));
      appender.appendVarchar(host);
      appender.appendVarchar(url);
      appender.endRow();
      count += 1;
    }
  }
  appender.closeSync();
  return count;
}

/**
 * Fills the table `memory.main.stored_file` with a file for each planned URL that has given one
 * before, to an image of whatever id: the one that was stored last. The facts suffice, because a
 * batch hashes the file before it uses it. `select: all` asks the hosts, so it has no such files.
 */
export async function findStoredFiles(
  snapshot: DuckDBConnection,
  { select }: PlanJob,
): Promise<void> {
  await snapshot.run(
    `CREATE TABLE memory.main.stored_file AS
     WITH latest AS (
       SELECT url_hash, arg_max(rowid, {'at': coalesce(recorded_at, 'epoch'::TIMESTAMP), 'fact': rowid}) AS fact
       FROM fact_download
       WHERE outcome = 'stored' AND path IS NOT NULL AND sha256 IS NOT NULL AND bytes IS NOT NULL
         AND ${select === 'all' ? 'false' : 'url_hash IN (SELECT url_hash FROM memory.main.planned)'}
       GROUP BY url_hash),
     of_entry AS (
       SELECT p.host, p.url, max(l.fact) AS fact
       FROM memory.main.planned p JOIN latest l ON l.url_hash = p.url_hash GROUP BY p.host, p.url)
     SELECT e.host, e.url, f.path, f.sha256, f.etag, f.last_modified, f.format, f.verdict, f.bytes, f.width, f.height
     FROM of_entry e JOIN fact_download f ON f.rowid = e.fact`,
  );
}

/**
 * Counts the images that this run has already settled and does not plan again, after a reset of the
 * run or a retry of its step.
 */
export async function countSettled(reader: DuckDBConnection, runId: string): Promise<number> {
  const result = await reader.runAndReadAll(
    `SELECT count(DISTINCT source_image_id) FROM fact_download
     WHERE run_id = $1 AND source_image_id NOT IN (SELECT id FROM memory.main.planned)`,
    [runId],
  );
  return Number(result.getRows()[0]?.[0] ?? 0);
}

/**
 * Finds the ids of `only` that no image of the collection has. {@link loadOnlyIds} has loaded them.
 *
 * @returns null when there are none.
 */
export async function findUnknownIds(
  reader: DuckDBConnection,
  isOfCollection: string,
): Promise<UnknownIds | null> {
  const result = await reader.runAndReadAll(
    `WITH listed AS (
       SELECT id, min(rowid) AS position FROM memory.main.only_id GROUP BY id),
     unknown AS (
       FROM listed ANTI JOIN (
         SELECT source_image_id AS id FROM dim_image WHERE removed_at IS NULL AND ${isOfCollection}
       ) USING (id))
     SELECT count(*), (SELECT count(*) FROM listed), left(arg_min(id, position), 200)
     FROM unknown`,
  );
  const [count, listed, first] = result.getRows()[0] ?? [];
  if (Number(count) === 0) return null;
  return { count: Number(count), listed: Number(listed), first: String(first) };
}

/**
 * The condition that an image is of the run's collection. In the snapshot of a program that did not
 * know collections every image is of the unnamed one.
 *
 * @throws StepError `input` when the snapshot has images, and none of this collection.
 */
export async function collectionCondition(
  reader: DuckDBConnection,
  { collection }: Pick<PlanJob, 'collection'>,
): Promise<string> {
  const column = await reader.runAndReadAll(
    "SELECT 1 FROM (DESCRIBE dim_image) WHERE column_name = 'collection'",
  );
  if (column.currentRowCount === 0) {
    if (collection === undefined) return 'true';
    throw unknownCollection(collection, [undefined]);
  }
  await refuseUnknown(reader, collection);
  // A name of a collection has no quote.
  return collection === undefined ? 'collection IS NULL' : `collection = '${collection}'`;
}

async function refuseUnknown(
  reader: DuckDBConnection,
  collection: string | undefined,
): Promise<void> {
  const result = await reader.runAndReadAll('SELECT DISTINCT collection FROM dim_image');
  const known = result.getRows().map(([name]) => (name == null ? undefined : String(name)));
  if (known.length > 0 && !known.includes(collection)) throw unknownCollection(collection, known);
}

/**
 * Conditions on an image `i` for the collection, `limit` and `only`, whose ids {@link loadOnlyIds}
 * has loaded. The snapshot must be the current database.
 */
export function scopeConditions(
  { limit, only }: Pick<PlanJob, 'limit' | 'only'>,
  isOfCollection: string,
): readonly string[] {
  return [
    isOfCollection,
    ...(limit === null ? [] : [`i.record <= (${lastRecordQuery(limit, isOfCollection)})`]),
    ...(only === null ? [] : ['i.source_image_id IN (SELECT id FROM memory.main.only_id)']),
  ];
}

function selectionQuery(job: PlanJob, isOfCollection: string): string {
  const conditions = [
    'i.removed_at IS NULL',
    'i.thumb_url IS NOT NULL',
    `(${STATE_CONDITIONS[job.select]})`,
    ...scopeConditions(job, isOfCollection),
  ];
  return `SELECT ${plainHostSql('i.thumb_url')} AS host, i.thumb_url AS url, i.record::BIGINT AS record,
      i.source_image_id AS id, i.thumb_url_hash AS url_hash,
      CASE WHEN ${HAS_CURRENT_FILE} THEN i.thumb_path END AS path,
      CASE WHEN ${HAS_CURRENT_FILE} THEN i.thumb_sha256 END AS sha256,
      i.thumb_etag::VARCHAR AS etag, i.thumb_last_modified::VARCHAR AS last_modified
    FROM image i WHERE ${conditions.join(' AND ')}`;
}

/**
 * A query for the last record within `limit`, which counts rows with a URL in catalog order,
 * whatever their state.
 */
function lastRecordQuery(limit: number, isOfCollection: string): string {
  return `SELECT max(record) FROM (SELECT record FROM dim_image
    WHERE ${isOfCollection} AND removed_at IS NULL AND thumb_url IS NOT NULL ORDER BY record LIMIT ${Math.floor(limit)})`;
}
