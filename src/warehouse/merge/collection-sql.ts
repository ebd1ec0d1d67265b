/** Collections in SQL. The unnamed one is NULL in the column `collection`. */
import { literal } from '../../duckdb/sql-text';

/** Absent: the unnamed collection. */
export type CollectionName = string | undefined;

/** The condition that an image, whose columns begin with `prefix`, is of the collection. */
export function isOfCollection(collection: CollectionName, prefix = ''): string {
  return `${prefix}collection IS NOT DISTINCT FROM ${collectionValue(collection)}`;
}

/** The collection as a value of the column. */
export function collectionValue(collection: CollectionName): string {
  return collection === undefined ? 'NULL' : literal(collection);
}

/**
 * The id of an image in the data root. A name of a collection has no slash, so the first slash of
 * an id in a named collection ends the name.
 *
 * @param catalogId the expression for the id in the catalog.
 */
export function imageIdSql(collection: CollectionName, catalogId: string): string {
  return collection === undefined ? catalogId : `${literal(`${collection}/`)} || ${catalogId}`;
}
