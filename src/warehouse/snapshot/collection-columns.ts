/**
 * Reads snapshots of programs without collections, where every image belongs to the unnamed one.
 */
import type { Database } from '../driver/database';
import { rowsOf } from '../driver/database';

/**
 * @param relation a table or view of images of the current database, perhaps with its schema.
 * @returns the expression after FROM: the relation, with the columns `collection` and `catalog_id`
 *   in any case.
 */
export async function withCollectionColumns(database: Database, relation: string): Promise<string> {
  const columns = await rowsOf(database, `SELECT column_name FROM (DESCRIBE FROM ${relation})`);
  const isOlder = columns.every((row) => row.column_name !== 'collection');
  if (!isOlder) return relation;
  return `(SELECT *, NULL::VARCHAR AS collection, source_image_id AS catalog_id FROM ${relation})`;
}
