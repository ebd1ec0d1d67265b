/** Queries the published snapshot, read-only. */
import type { Result } from '../driver/database';
import { withSnapshot, type SnapshotOptions } from './snapshot-session';

export type { Result, Value } from '../driver/database';

/**
 * Runs one SQL statement on the snapshot.
 *
 * @throws NoSnapshot; DuckDB's errors for the statement.
 */
export function querySnapshot(
  options: SnapshotOptions & { readonly sql: string },
): Promise<Result> {
  return withSnapshot(options, (database) => database.query(options.sql));
}
