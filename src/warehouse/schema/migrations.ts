/**
 * The warehouse's schema as numbered SQL files beside this one: `000001.sql` makes version 1, each
 * other file the version of its number from the one before.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { Database } from '../driver/database';

/** The step from the version before to `version`; that to version 1 starts from an empty database. */
export interface Migration {
  readonly version: number;
  /** In order. Names without a database are the warehouse's. */
  readonly statements: readonly string[];
}

/**
 * The numbered SQL files of a folder, in order.
 *
 * @throws when there is none, or a number is missing.
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

/** A statement ends with a semicolon at the end of a line, and nothing else does. */
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
 * Brings the current database from version `from` to the latest; 0 is an empty database. Each version
 * is a transaction of its own, which also notes it in `schema_version`.
 *
 * @throws DuckDB's own errors. The caller then closes the database, which undoes the version that
 * failed.
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
