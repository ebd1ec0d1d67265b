/**
 * Looks up in the snapshot what a commit needs to know about its images, while the warehouse is
 * closed.
 */
import { dataRootPaths } from '../../files/data-root';
import type { WarehouseContext } from '../warehouse-context';
import type { Database } from '../driver/database';
import { literal } from '../../duckdb/sql-text';
import { firstRow } from '../driver/database';

/** The columns of `fact_download` that are needed to count outcomes. */
export const FORMER_COLUMNS =
  'run_id, source_image_id, outcome, code, bytes, request_count, dispatch, attempt, line, execution';

/**
 * `factCount` is the number of rows of `fact_download` that the snapshot contains. Rows from this
 * number on are only in the warehouse.
 */
export interface PublishedRows {
  readonly factCount: number;
}

/**
 * Fills `memory.main.image_row` (the rows of `dim_image` of the incoming outcomes) and
 * `memory.main.published_former` (earlier outcomes of the same runs and images). Needs
 * `memory.main.incoming` and `incoming_run`.
 *
 * @returns null when the snapshot cannot be used. The commit then searches the warehouse.
 */
export async function lookUpInSnapshot({
  database,
  dataRoot,
  log,
  rowNumbers,
}: WarehouseContext): Promise<PublishedRows | null> {
  if (!rowNumbers.areValid()) return null;
  const { snapshot } = dataRootPaths(dataRoot);
  try {
    await database.run(`ATTACH ${literal(snapshot)} AS published (READ_ONLY)`);
    const factCount = await findPublishedRows(database);
    await database.run('DETACH published');
    return { factCount };
  } catch (error) {
    log.warn({ err: error }, 'the snapshot could not be read; this commit takes longer');
    return null;
  }
}

async function findPublishedRows(database: Database): Promise<number> {
  await database.run(
    `CREATE OR REPLACE TABLE memory.main.image_row AS
     SELECT d.rowid AS row, d.source_image_id, d.thumb_url_hash AS url_hash FROM published.dim_image d
     JOIN (SELECT DISTINCT source_image_id, url_hash FROM memory.main.incoming) i
       ON i.source_image_id = d.source_image_id AND i.url_hash = d.thumb_url_hash`,
  );
  await database.run(
    `CREATE OR REPLACE TABLE memory.main.published_former AS SELECT ${FORMER_COLUMNS} FROM published.fact_download
     WHERE source_image_id IN (SELECT source_image_id FROM memory.main.incoming)
       AND run_id IN (SELECT run_id FROM memory.main.incoming_run)`,
  );
  const row = await firstRow(
    database,
    'SELECT coalesce(max(rowid) + 1, 0) AS facts FROM published.fact_download',
  );
  return Number(row.facts);
}
