/** Opens `warehouse.duckdb` for the instant of a write: attach, work, detach. The only place that does. */
import fs from 'node:fs';
import path from 'node:path';
import { StepError } from '../contract/errors';
import { dataRootPaths } from '../files/data-root';
import type { Database } from './database';
import { literal } from './database';
import { asWarehouseError } from './duckdb-errors';
import type { Migration } from './migrations';
import { ensureSchema } from './schema';
import { STORAGE_VERSION } from './storage-version';

/** How long the file was open. **Units** ms. */
export interface Held<T> {
  readonly value: T;
  readonly lockHeldMs: number;
}

/**
 * Attaches the warehouse (made when it is not there) as the current database, runs `work`, detaches. The lock is held meanwhile.
 * Tables of the in-memory instance are `memory.main.<name>` to `work`. After an error the caller closes the database:
 * what a failed COMMIT left is seen when the file is opened again.
 *
 * **Errors** StepError db_*, disk_*; others as they came.
 */
export async function withAttached<T>(options: {
  readonly database: Database;
  readonly dataRoot: string;
  readonly migrations?: readonly Migration[];
  readonly work: () => Promise<T>;
}): Promise<Held<T>> {
  const { database, dataRoot } = options;
  const { warehouse } = dataRootPaths(dataRoot);
  refuseOrphanedWal(warehouse);
  try {
    const since = performance.now();
    await attach(database, warehouse);
    await ensureSchema(database, warehouse, options.migrations);
    const value = await options.work();
    await database.run('USE memory; DETACH warehouse');
    return { value, lockHeldMs: Math.round(performance.now() - since) };
  } catch (error) {
    throw asWarehouseError(error, `write ${warehouse}`) ?? error;
  }
}

async function attach(database: Database, file: string): Promise<void> {
  await database.run(
    `ATTACH ${literal(file)} AS warehouse (STORAGE_VERSION '${STORAGE_VERSION.name}'); USE warehouse`,
  );
}

/** Runs `work` as one transaction of the current database; an error leaves it to the caller to close the database. */
export async function inTransaction<T>(database: Database, work: () => Promise<T>): Promise<T> {
  await database.run('BEGIN');
  const value = await work();
  await database.run('COMMIT');
  return value;
}

/** DuckDB deletes a WAL whose database is gone: it is moved aside before anything is opened. */
function refuseOrphanedWal(warehouse: string): void {
  const wal = `${warehouse}.wal`;
  if (fs.existsSync(warehouse) || !fs.existsSync(wal)) return;
  const aside = moveAside(wal);
  throw new StepError(
    'db_wal_corrupt',
    `${warehouse} is gone, but its write-ahead log was there; it is kept as ${path.basename(aside)}. Restore the database file beside it (named as before) to get both back; or retry the step: a new warehouse is made from what catalogs and ledgers hold.`,
  );
}

/** Renames a file so that nothing opens it by its name any more; returns the new path. */
export function moveAside(file: string): string {
  const aside = `${file}.aside-${new Date().toISOString().replaceAll(':', '')}`;
  fs.renameSync(file, aside);
  return aside;
}
