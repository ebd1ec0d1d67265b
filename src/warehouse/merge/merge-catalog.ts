/** Brings the accepted rows of a catalog into the warehouse: one transaction, nothing half. */
import fs from 'node:fs';
import { StepError } from '../../contract/errors';
import type { MergeCatalogInput, MergeCatalogResult } from '../../contract/payloads';
import { dataRootPaths, underRoot } from '../../files/data-root';
import {
  inTransaction,
  settle,
  withAttached,
  type Held,
} from '../database-file/attached-warehouse';
import { findNewCatalogRows, replaceCatalogRows } from './catalog-rows';
import type { WarehouseContext } from '../warehouse-context';
import type { Database } from '../driver/database';
import { firstRow, literal, rowsOf } from '../driver/database';
import { FLAG_TOUCHED } from '../commit/downloaded-flag';
import { onPrivateCopy } from '../database-file/private-copy';
import { TIMESTAMP, writeRunRecord } from '../commit/write-run-record';

/** Above it a new table is filled and renamed: updating several columns of most rows takes minutes. **Units** rows. */
const MOST_UPDATED = 100_000;

/** Above either the merge is made on a private copy: in place it would hold the lock for longer than a commit does. **Units** rows; bytes. */
const MOST_ROWS_IN_PLACE = 20_000;
const MOST_BYTES_IN_PLACE = 50_000_000;

/**
 * New images are added, changed ones updated, those that left the catalog marked, those that came back unmarked.
 *
 * **Idempotency** a second merge of the same catalog changes nothing.
 * **Errors** StepError `catalog_shrunk` before anything is changed; db_*, disk_*.
 */
export async function mergeCatalog(
  context: WarehouseContext,
  input: MergeCatalogInput,
): Promise<MergeCatalogResult> {
  const { database, dataRoot } = context;
  const parquet = underRoot(dataRoot, input.parquet);
  await stage(database, parquet, underRoot(dataRoot, input.rejects));
  const work = (): Promise<Differences> => merge(database, input, parquet);
  const { value, lockHeldMs } = (await isLarge(context))
    ? await mergeOnCopy(context, work)
    : await withAttached({ ...context, rowNumbers: null, work });
  return { ...value, lockHeldMs };
}

async function mergeOnCopy(
  context: WarehouseContext,
  work: () => Promise<Differences>,
): Promise<Held<Differences>> {
  await settle({ ...context, rowNumbers: null });
  return onPrivateCopy({ ...context, work });
}

/** By what is to be compared: the catalog's rows, and the file's bytes. */
async function isLarge({ database, dataRoot }: WarehouseContext): Promise<boolean> {
  const { warehouse } = dataRootPaths(dataRoot);
  const bytes = fs.statSync(warehouse, { throwIfNoEntry: false })?.size ?? 0;
  if (bytes > MOST_BYTES_IN_PLACE) return true;
  const { images } = await firstRow(
    database,
    'SELECT count(*) AS images FROM memory.main.incoming',
  );
  return Number(images) > MOST_ROWS_IN_PLACE;
}

type Differences = Omit<MergeCatalogResult, 'lockHeldMs'>;

async function merge(
  database: Database,
  input: MergeCatalogInput,
  parquet: string,
): Promise<Differences> {
  await findDifferences(database);
  const result = await countDifferences(database);
  await refuseShrunk(database, result, input.maxRemoved);
  const newRows = await findNewCatalogRows(database, parquet);
  await inTransaction(database, async () => {
    await writeImages(database, input, result);
    if (newRows !== null) await replaceCatalogRows(database, newRows);
  });
  return result;
}

/** `incoming`: the catalog's images. `reject`: its refused rows. */
async function stage(database: Database, parquet: string, rejects: string): Promise<void> {
  await database.run(
    `CREATE OR REPLACE TABLE memory.main.incoming AS
     SELECT source_image_id, record, thumb_url, substr(sha256(thumb_url), 1, 32) AS thumb_url_hash
     FROM read_parquet(${literal(parquet)})`,
  );
  await database.run(
    `CREATE OR REPLACE TABLE memory.main.reject AS
     SELECT record, line, id, code, detail FROM read_json(${literal(rejects)}, format = 'newline_delimited',
       columns = {record: 'BIGINT', line: 'BIGINT', id: 'VARCHAR', code: 'VARCHAR', detail: 'VARCHAR'})`,
  );
}

/** `changed`: known images that differ. `touched`: images whose flag may have to change with their URL, or that have facts already. */
async function findDifferences(database: Database): Promise<void> {
  await database.run(
    `CREATE OR REPLACE TABLE memory.main.changed AS
     SELECT i.*, d.removed_at IS NOT NULL AS returned, d.thumb_url_hash IS DISTINCT FROM i.thumb_url_hash AS url_changed
     FROM memory.main.incoming i JOIN dim_image d ON d.source_image_id = i.source_image_id
     WHERE d.removed_at IS NOT NULL OR d.thumb_url IS DISTINCT FROM i.thumb_url OR d.record IS DISTINCT FROM i.record`,
  );
  await database.run(
    `CREATE OR REPLACE TABLE memory.main.touched AS
     SELECT source_image_id FROM memory.main.changed WHERE url_changed
     UNION ALL SELECT source_image_id FROM memory.main.incoming i
     WHERE source_image_id NOT IN (SELECT source_image_id FROM dim_image)
       AND source_image_id IN (SELECT source_image_id FROM fact_download)`,
  );
}

async function countDifferences(database: Database): Promise<Differences> {
  const row = await firstRow(
    database,
    `SELECT
       (SELECT count(*) FROM memory.main.incoming i ANTI JOIN dim_image d ON d.source_image_id = i.source_image_id) AS added,
       (SELECT count(*) FROM dim_image d ANTI JOIN memory.main.incoming i ON i.source_image_id = d.source_image_id
        WHERE d.removed_at IS NULL) AS removed,
       (SELECT count(*) FROM memory.main.changed WHERE returned) AS returned,
       (SELECT count(*) FROM memory.main.changed WHERE url_changed) AS url_changed`,
  );
  return {
    added: Number(row.added),
    removed: Number(row.removed),
    returned: Number(row.returned),
    urlChanged: Number(row.url_changed),
  };
}

/** A cut dump must not wipe a collection. */
async function refuseShrunk(
  database: Database,
  { removed }: Differences,
  maxRemoved: number,
): Promise<void> {
  const { known } = await firstRow(
    database,
    'SELECT count(*) AS known FROM dim_image WHERE removed_at IS NULL',
  );
  if (removed <= Number(known) * maxRemoved) return;
  throw new StepError(
    'catalog_shrunk',
    `The catalog lacks ${removed} of the ${String(known)} images that are known, more than maxRemoved (${maxRemoved}) allows. Nothing was changed. Is the file whole? If so, start the run again with a larger "maxRemoved".`,
  );
}

async function writeImages(
  database: Database,
  input: MergeCatalogInput,
  { removed, added }: Differences,
): Promise<void> {
  await writeRunRecord(database, input.record);
  if (removed > 0) await markRemoved(database, input.record.startedAt);
  await updateChanged(database);
  if (added > 0) await addNew(database, input.runId);
  await database.run(FLAG_TOUCHED);
  await writeRejects(database, input.runId);
}

function markRemoved(database: Database, startedAt: string): Promise<void> {
  return database.run(
    `UPDATE dim_image SET removed_at = ${TIMESTAMP} WHERE removed_at IS NULL
       AND source_image_id NOT IN (SELECT source_image_id FROM memory.main.incoming)`,
    [startedAt],
  );
}

async function updateChanged(database: Database): Promise<void> {
  const { changed } = await firstRow(
    database,
    'SELECT count(*) AS changed FROM memory.main.changed',
  );
  if (Number(changed) === 0) return;
  if (Number(changed) > MOST_UPDATED) return rebuildImages(database);
  await database.run(
    `UPDATE dim_image SET record = c.record, thumb_url = c.thumb_url, thumb_url_hash = c.thumb_url_hash, removed_at = NULL
     FROM memory.main.changed c WHERE dim_image.source_image_id = c.source_image_id`,
  );
}

async function rebuildImages(database: Database): Promise<void> {
  const either = (column: string): string =>
    `CASE WHEN c.source_image_id IS NULL THEN d.${column} ELSE c.${column} END AS ${column}`;
  await makeTableLike(database, 'dim_image', 'dim_image_new');
  await database.run(
    `INSERT INTO dim_image_new BY NAME
     SELECT d.* REPLACE (${['record', 'thumb_url', 'thumb_url_hash'].map(either).join(', ')},
       CASE WHEN c.source_image_id IS NULL THEN d.removed_at END AS removed_at)
     FROM dim_image d LEFT JOIN memory.main.changed c ON c.source_image_id = d.source_image_id`,
  );
  await database.run('DROP TABLE dim_image');
  await database.run('ALTER TABLE dim_image_new RENAME TO dim_image');
}

/** An empty table with the columns, defaults and constraints of another one, whatever its version. */
async function makeTableLike(database: Database, table: string, name: string): Promise<void> {
  const rows = await rowsOf(
    database,
    `SELECT sql FROM duckdb_tables() WHERE database_name = current_database() AND table_name = ?`,
    [table],
  );
  const ddl = String(rows[0]?.sql);
  const head = `CREATE TABLE ${table}(`;
  if (!ddl.startsWith(head)) throw new Error(`DuckDB describes ${table} by ${ddl}`);
  await database.run(`CREATE TABLE ${name}(${ddl.slice(head.length)}`);
}

function addNew(database: Database, runId: string): Promise<void> {
  return database.run(
    `INSERT INTO dim_image BY NAME
     SELECT i.source_image_id, i.record, i.thumb_url, i.thumb_url_hash, ? AS first_seen_run_id
     FROM memory.main.incoming i ANTI JOIN dim_image d ON d.source_image_id = i.source_image_id ORDER BY i.record`,
    [runId],
  );
}

async function writeRejects(database: Database, runId: string): Promise<void> {
  await database.run('DELETE FROM catalog_reject WHERE run_id = ?', [runId]);
  await database.run(
    `INSERT INTO catalog_reject BY NAME
     SELECT ? AS run_id, record, line, id AS source_image_id, code, detail
     FROM memory.main.reject ORDER BY record`,
    [runId],
  );
}
