/** What each version of the warehouse's schema changed, statement by statement. */
import type { Database } from './database';

/** The step from the version before to `version`. */
export interface Migration {
  readonly version: number;
  /** In order; names without a database are the warehouse's. A changed view is replaced: `CREATE OR REPLACE VIEW image AS …`. */
  readonly statements: readonly string[];
}

/** Version 1 is what schema.ts makes. A version that was released is never edited: what comes later is a new one at the end. */
export const MIGRATIONS: readonly Migration[] = [];

export const FIRST_VERSION = 1;

/** The version that the last migration leads to. */
export function latestVersion(migrations: readonly Migration[]): number {
  return migrations.at(-1)?.version ?? FIRST_VERSION;
}

/**
 * Brings the current database from version `from` to the latest. To be called in a transaction; each version is noted before its
 * statements.
 *
 * **Errors** DuckDB's own.
 */
export async function applyMigrations(
  database: Database,
  migrations: readonly Migration[],
  from: number,
): Promise<void> {
  for (const { version, statements } of migrations.filter((one) => one.version > from)) {
    await noteVersion(database, version);
    for (const statement of statements) await database.run(statement);
  }
}

export function noteVersion(database: Database, version: number): Promise<void> {
  return database.run("INSERT INTO schema_version VALUES (?, now() AT TIME ZONE 'UTC')", [version]);
}
