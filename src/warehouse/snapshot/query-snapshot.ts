/** Queries on the published snapshot, read-only. */
import type { Result } from '../driver/database';
import { withSnapshot, type SnapshotOptions } from './snapshot-session';

export type { Result, Value } from '../driver/database';

/**
 * The result of one SQL statement on the snapshot.
 *
 * **Errors** NoSnapshot; DuckDB's own for the statement.
 */
export function querySnapshot(
  options: SnapshotOptions & { readonly sql: string },
): Promise<Result> {
  return withSnapshot(options, (database) => database.query(options.sql));
}
