/** Tables of the warehouse, version 1; migrations.ts has what was changed since. docs/reference/warehouse.md describes them. */
import type { Database } from './database';
import { firstRow } from './database';
import { StepError } from '../contract/errors';
import { IMAGE_STATE_VIEW, IMAGE_VIEW } from './fold';
import {
  applyMigrations,
  FIRST_VERSION,
  latestVersion,
  MIGRATIONS,
  noteVersion,
  type Migration,
} from './migrations';

/** Columns of `fact_download`, in order, with their types: one row a ledger line. */
export const FACT_COLUMNS: readonly (readonly [name: string, type: string])[] = [
  ['run_id', 'VARCHAR NOT NULL'],
  ['source_image_id', 'VARCHAR NOT NULL'],
  ['outcome', 'VARCHAR NOT NULL'],
  ['code', 'VARCHAR'],
  ['retryable', 'BOOLEAN'],
  ['path', 'VARCHAR'],
  ['bytes', 'BIGINT'],
  ['sha256', 'VARCHAR'],
  ['width', 'INTEGER'],
  ['height', 'INTEGER'],
  ['format', 'VARCHAR'],
  ['verdict', 'VARCHAR'],
  ['status', 'INTEGER'],
  ['etag', 'VARCHAR'],
  ['last_modified', 'VARCHAR'],
  ['final_host', 'VARCHAR'],
  ['request_count', 'INTEGER'],
  ['detail', 'VARCHAR'],
  ['url_hash', 'VARCHAR NOT NULL'],
  ['ledger', 'VARCHAR NOT NULL'],
  ['line', 'BIGINT NOT NULL'],
  ['execution', 'VARCHAR NOT NULL'],
  ['dispatch', 'BIGINT NOT NULL'],
  ['attempt', 'INTEGER NOT NULL'],
  ['recorded_at', 'TIMESTAMP'],
];

/** `dim_image` under another name too: a large merge fills a new table and renames it. */
export function dimImageDdl(name: string): string {
  return `CREATE TABLE ${name} (
    source_image_id VARCHAR PRIMARY KEY, record BIGINT, thumb_url VARCHAR, thumb_url_hash VARCHAR,
    thumb_downloaded BOOLEAN NOT NULL DEFAULT false, first_seen_run_id VARCHAR, removed_at TIMESTAMP)`;
}

const STATEMENTS: readonly string[] = [
  'CREATE TABLE schema_version (version INTEGER NOT NULL, applied_at TIMESTAMP NOT NULL)',
  dimImageDdl('dim_image'),
  'CREATE TABLE catalog_row (source_image_id VARCHAR, record BIGINT)',
  `CREATE TABLE fact_download (${FACT_COLUMNS.map(([name, type]) => `${name} ${type}`).join(', ')})`,
  `CREATE TABLE catalog_reject (
    run_id VARCHAR NOT NULL, record BIGINT, line BIGINT, source_image_id VARCHAR, code VARCHAR NOT NULL, detail VARCHAR)`,
  `CREATE TABLE etl_commit (
    ledger VARCHAR PRIMARY KEY, run_id VARCHAR NOT NULL, byte_count BIGINT NOT NULL, digest VARCHAR NOT NULL,
    row_count BIGINT NOT NULL, committed_at TIMESTAMP NOT NULL)`,
  `CREATE TABLE etl_run (
    run_id VARCHAR PRIMARY KEY, workflow_id VARCHAR, state VARCHAR NOT NULL, code VARCHAR, detail VARCHAR,
    started_at TIMESTAMP NOT NULL, ended_at TIMESTAMP,
    stored_count BIGINT, not_modified_count BIGINT, failed_count BIGINT, byte_count BIGINT, request_count BIGINT)`,
  `CREATE TABLE etl_run_code (
    run_id VARCHAR NOT NULL, code VARCHAR NOT NULL, image_count BIGINT NOT NULL, PRIMARY KEY (run_id, code))`,
  `CREATE TABLE etl_step (
    run_id VARCHAR NOT NULL, step VARCHAR NOT NULL, state VARCHAR NOT NULL, code VARCHAR, detail VARCHAR,
    started_at TIMESTAMP, ended_at TIMESTAMP, done_count BIGINT, failed_count BIGINT, PRIMARY KEY (run_id, step))`,
  `CREATE VIEW image AS ${IMAGE_VIEW}`,
  `CREATE VIEW image_state AS ${IMAGE_STATE_VIEW}`,
];

/**
 * Makes the tables of a new file, and refuses one of a newer program. The current schema is the attached warehouse's.
 * An older one was migrated before (migrate-warehouse.ts).
 *
 * **Errors** StepError `db_newer`, `db_corrupt` when the file is some other database.
 */
export async function ensureSchema(
  database: Database,
  file: string,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<void> {
  const version = await readSchemaVersion(database, file);
  const latest = latestVersion(migrations);
  if (version === null) await createSchema(database, migrations);
  else if (version > latest) {
    throw new StepError(
      'db_newer',
      `${file} has schema version ${version}; this program knows up to ${latest}. Upgrade to an artemis-pipeline that knows version ${version}, or move the file aside. Nothing was written.`,
    );
  } else if (version < latest) {
    throw new Error(
      `${file} came to have schema version ${version} while this worker ran, which works with ${latest}. Start the worker again: it migrates the file.`,
    );
  }
}

/**
 * The version of the current database's schema; null when there are no tables yet. Asked first as if it were there: the lock is held.
 *
 * **Errors** StepError `db_corrupt` when the file is some other database.
 */
export async function readSchemaVersion(database: Database, file: string): Promise<number | null> {
  try {
    const row = await firstRow(database, 'SELECT max(version) AS version FROM schema_version');
    return Number(row.version);
  } catch (error) {
    const { tables, versions } = await firstRow(
      database,
      `SELECT count(*) AS tables, count(*) FILTER (table_name = 'schema_version') AS versions
       FROM duckdb_tables() WHERE database_name = current_database()`,
    );
    if (Number(tables) === 0) return null;
    if (Number(versions) > 0) throw error;
    throw new StepError(
      'db_corrupt',
      `${file} is a DuckDB file, but not a warehouse of this program: it has no table schema_version. Move it aside, or choose another data root.`,
    );
  }
}

async function createSchema(database: Database, migrations: readonly Migration[]): Promise<void> {
  await database.run('BEGIN');
  for (const statement of STATEMENTS) await database.run(statement);
  await noteVersion(database, FIRST_VERSION);
  await applyMigrations(database, migrations, FIRST_VERSION);
  await database.run('COMMIT');
}
