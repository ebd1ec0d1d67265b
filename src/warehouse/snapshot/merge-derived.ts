/** Copies the tables of derived files into the snapshot before it is published. */
import fs from 'node:fs';
import type { StepCode } from '../../contract/errors';
import {
  DERIVED_KINDS,
  type DerivedKind,
  type DerivedProblem,
} from '../../contract/derived/derived-file';
import { moveToQuarantine } from '../../files/move-to-quarantine';
import { attachReadOnly } from '../database-file/attach';
import { inTransaction } from '../database-file/attached-warehouse';
import { identifier } from '../../duckdb/sql-text';
import { rowsOf, type Database } from '../driver/database';
import { asWarehouseError } from '../driver/duckdb-errors';
import { derivedPath } from './derived-files';

/** Problems of the machine, which say nothing about the derived file. */
const CODES_OF_THE_MACHINE: ReadonlySet<StepCode> = new Set<StepCode>([
  'db_memory',
  'disk_full',
  'disk_readonly',
]);

/** A row for each table that comes from a derived file. */
const DERIVED_FROM =
  'CREATE TABLE IF NOT EXISTS derived_from (table_name VARCHAR, run_id VARCHAR, fingerprint VARCHAR, computed_at TIMESTAMP)';

/**
 * Copies every table of every derived file into the current database. A file is merged whole or not
 * at all. One that cannot be merged is moved to `quarantine/`, and the publication goes on.
 *
 * @returns why files were not merged.
 * @throws StepError `db_memory`, disk_*; errors of the file system.
 */
export async function mergeDerivedFiles(
  database: Database,
  dataRoot: string,
): Promise<readonly DerivedProblem[]> {
  const problems: DerivedProblem[] = [];
  for (const kind of DERIVED_KINDS) {
    if (!fs.existsSync(derivedPath(dataRoot, kind))) continue;
    const detail = await mergeOrMoveAside(database, dataRoot, kind);
    if (detail !== null) problems.push({ kind, detail });
  }
  return problems;
}

async function mergeOrMoveAside(
  database: Database,
  dataRoot: string,
  kind: DerivedKind,
): Promise<string | null> {
  const file = derivedPath(dataRoot, kind);
  try {
    if (fs.existsSync(`${file}.wal`)) throw new Error('it has a write-ahead log');
    await attachReadOnly(database, file, 'derived_file');
    await inTransaction(database, () => copyTables(database));
    await database.run('DETACH derived_file');
    return null;
  } catch (error) {
    const known = asWarehouseError(error, `merge derived/${kind}.duckdb`, dataRoot);
    if (known !== null && CODES_OF_THE_MACHINE.has(known.code)) throw known;
    if (known?.code === 'db_locked') {
      await forgetMerge(database);
      return `derived/${kind}.duckdb is not merged while another program writes to it: ${known.message}`;
    }
    // The file is moved first: if the database cannot be used any more, the next publication works.
    const aside = moveAsideWithLog(dataRoot, file);
    await forgetMerge(database);
    const reason = error instanceof Error ? error.message : String(error);
    return `derived/${kind}.duckdb could not be merged and is now ${aside}: ${reason}`;
  }
}

async function copyTables(database: Database): Promise<void> {
  const tables = await rowsOf(
    database,
    "SELECT table_name FROM duckdb_tables() WHERE database_name = 'derived_file' AND table_name <> 'derived_from' ORDER BY 1",
  );
  for (const { table_name: name } of tables) {
    const table = identifier(String(name));
    await database.run(`CREATE TABLE ${table} AS FROM derived_file.${table}`);
  }
  await database.run(DERIVED_FROM);
  await database.run('INSERT INTO derived_from BY NAME FROM derived_file.derived_from');
}

function moveAsideWithLog(dataRoot: string, file: string): string {
  if (fs.existsSync(`${file}.wal`)) moveToQuarantine(dataRoot, `${file}.wal`);
  return moveToQuarantine(dataRoot, file);
}

/** Undoes what a failed merge has begun: its transaction may be open, and its file attached. */
async function forgetMerge(database: Database): Promise<void> {
  await database.run('ROLLBACK').catch(ignoreNoTransaction);
  await database.run('DETACH DATABASE IF EXISTS derived_file');
}

/** DuckDB's error if the merge failed before its transaction began. */
function ignoreNoTransaction(error: unknown): void {
  if (!/no transaction is active/i.test(String(error))) throw error;
}
