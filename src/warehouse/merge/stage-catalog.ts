/** Stages a parsed catalog in the in-memory database, before the warehouse is opened. */
import type { Database } from '../driver/database';
import { literal } from '../../duckdb/sql-text';
import { imageIdSql, type CollectionName } from './collection-sql';

/** Stages the catalog's images as `memory.main.incoming`, with their ids in the data root. */
export function stageImages(
  database: Database,
  parquet: string,
  collection: CollectionName,
): Promise<void> {
  return database.run(
    `CREATE OR REPLACE TABLE memory.main.incoming AS
     SELECT ${imageIdSql(collection, 'source_image_id')} AS source_image_id, source_image_id AS catalog_id,
       record, thumb_url, substr(sha256(thumb_url), 1, 32) AS thumb_url_hash
     FROM read_parquet(${literal(parquet)})`,
  );
}

/** Stages the catalog's rejected rows as `memory.main.reject`, with their ids in the data root. */
export function stageRejects(
  database: Database,
  rejects: string,
  collection: CollectionName,
): Promise<void> {
  return database.run(
    `CREATE OR REPLACE TABLE memory.main.reject AS
     SELECT record, line, ${imageIdSql(collection, 'id')} AS id, code, detail FROM read_json(${literal(rejects)}, format = 'newline_delimited',
       columns = {record: 'BIGINT', line: 'BIGINT', id: 'VARCHAR', code: 'VARCHAR', detail: 'VARCHAR'})`,
  );
}
