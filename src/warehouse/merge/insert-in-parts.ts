/** Adds very many rows to a table with a primary key, in several transactions. */
import { literal } from '../../duckdb/sql-text';
import type { Database } from '../driver/database';
import { CHECKPOINT_AT_COMMIT } from '../driver/open-database';

/**
 * The most rows that one transaction adds: four of DuckDB's row groups. Until it ends, a
 * transaction keeps an index of the keys of its own rows in memory, beside the index of the table.
 * Each of the two takes about 60 bytes for a key of 20 characters.
 */
const ROWS_PER_TRANSACTION = 4 * 122_880;

/**
 * The threshold with which no COMMIT is a checkpoint, because each checkpoint would write the whole
 * index again.
 */
const NO_CHECKPOINT_AT_COMMIT = '1TB';

/**
 * Calls `insertPart` for one part of the rows after another, within the caller's transaction. If
 * there is more than one part, that transaction is committed after each part and another one
 * begins. More than one part may be inserted only into a private copy of the warehouse: elsewhere
 * other programs would see some of the parts.
 *
 * @param insertPart inserts the rows with the numbers from `from` on, `to` excluded. Numbers begin
 *   with 0.
 * @throws DuckDB's errors.
 */
export async function insertInParts(
  database: Database,
  rowCount: number,
  insertPart: (from: number, to: number) => Promise<void>,
): Promise<void> {
  if (rowCount <= ROWS_PER_TRANSACTION) {
    await insertPart(0, rowCount);
    return;
  }
  await setThreshold(database, NO_CHECKPOINT_AT_COMMIT);
  for (let from = 0; from < rowCount; from += ROWS_PER_TRANSACTION) {
    const to = Math.min(from + ROWS_PER_TRANSACTION, rowCount);
    await insertPart(from, to);
    // This checkpoint writes all parts, and frees the memory of the index.
    if (to === rowCount) await setThreshold(database, CHECKPOINT_AT_COMMIT);
    await database.run('COMMIT');
    await database.run('BEGIN');
  }
}

function setThreshold(database: Database, size: string): Promise<void> {
  return database.run(`SET checkpoint_threshold = ${literal(size)}`);
}
