/**
 * The warehouse's schema as numbered SQL files in this folder: `000001.sql` creates version 1, and
 * each further file leads to the version of its number from the previous one.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { Database } from '../driver/database';

/**
 * The step from the previous version to `version`. The step to version 1 starts with an empty
 * database.
 */
export interface Migration {
  readonly version: number;
  /** The statements in their order. Unqualified names refer to the warehouse. */
  readonly statements: readonly string[];
}

/**
 * Reads the numbered SQL files of a folder, in their order.
 *
 * @throws Error when there is none, or a number is missing.
 */
export function readMigrations(folder: string): readonly Migration[] {
  const names = fs.readdirSync(folder).filter((name) => /^\d{6}\.sql$/.test(name));
  if (names.length === 0) throw new Error(`${folder} has no 000001.sql. Run npm run build.`);
  return names.sort().map((name, index) => {
    const version = index + 1;
    const expected = `${String(version).padStart(6, '0')}.sql`;
    if (name !== expected) throw new Error(`${folder} has ${name}, but no ${expected}.`);
    return { version, statements: statementsOf(fs.readFileSync(path.join(folder, name), 'utf8')) };
  });
}

/**
 * Splits SQL into statements. A semicolon at the end of a line ends a statement, and no other
 * semicolon does.
 */
function statementsOf(sql: string): readonly string[] {
  const withoutComments = sql.replace(/^\s*--.*$/gm, '');
  return withoutComments
    .split(/;[ \t\r]*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}

/** The version that the last migration leads to. */
export function latestVersion(migrations: readonly Migration[]): number {
  return migrations.at(-1)?.version ?? 0;
}

/**
 * Migrates the current database from the version `from` (0 for an empty database) to the latest
 * one. Each version is a transaction of its own, which also adds it to `schema_version`.
 *
 * @throws DuckDB's errors. The caller must then close the database, which undoes the version that
 *   failed.
 */
export async function applyMigrations(
  database: Database,
  migrations: readonly Migration[],
  from: number,
): Promise<void> {
  for (const { version, statements } of migrations.filter((one) => one.version > from)) {
    await database.run('BEGIN');
    for (const statement of statements) await database.run(statement);
    await database.run(
      "INSERT INTO schema_version (version, applied_at) VALUES (?, now() AT TIME ZONE 'UTC')",
      [version],
    );
    await database.run('COMMIT');
  }
}
