/** Finds the package `duckdb-async`, which is no dependency of ours: installed only by who wants it. */
import { createRequire } from 'node:module';
import type { Value } from '../database';
import { DriverMissing } from './driver-missing';

/** A column's type, as the package tells it: `sql_type` as DuckDB writes it; the parts of nested types where it knows them. */
export interface ColumnType {
  readonly id: string;
  readonly sql_type: string;
  readonly child?: ColumnType;
  readonly children?: readonly { readonly name: string; readonly type: ColumnType }[];
  readonly key?: ColumnType;
  readonly value?: ColumnType;
}

/** What we use of the package. **Source** its README, and `lib/duckdb.d.ts` of the package `duckdb` that it wraps. */
export interface DuckdbAsync {
  readonly Database: {
    create(file: string, settings: Readonly<Record<string, string>>): Promise<AsyncDatabase>;
  };
}

export interface AsyncDatabase {
  connect(): Promise<AsyncConnection>;
  close(): Promise<void>;
}

export interface AsyncConnection {
  /** Any number of statements, without parameters. */
  exec(sql: string): Promise<void>;
  prepare(sql: string): Promise<AsyncStatement>;
  close(): Promise<void>;
}

export interface AsyncStatement {
  columns(): readonly { readonly name: string; readonly type: ColumnType }[] | null;
  all(...parameters: readonly Value[]): Promise<readonly Readonly<Record<string, unknown>>[]>;
  finalize(): Promise<void>;
}

/**
 * Loads the package: from beside this program, or from a folder of NODE_PATH.
 *
 * Through `require`, so the import rules do not see it: a package that need not be there cannot be a dependency.
 * **Errors** DriverMissing.
 */
export function loadDuckdbAsync(): DuckdbAsync {
  let loaded: unknown;
  try {
    loaded = createRequire(__filename)('duckdb-async');
  } catch (error) {
    throw new DriverMissing(
      `ARTEMIS_DB_DRIVER is "duckdb-async", but that package cannot be loaded (${firstLine(error)}). Unset ARTEMIS_DB_DRIVER to use the driver that comes with artemis-pipeline; or install it beside artemis-pipeline with "npm install --no-save --ignore-scripts=false duckdb-async@1.4", or anywhere, naming that node_modules folder in NODE_PATH.`,
      { cause: error },
    );
  }
  if (isDuckdbAsync(loaded)) return loaded;
  throw new DriverMissing(
    'ARTEMIS_DB_DRIVER is "duckdb-async", but the package that is found by that name has no Database.create. Install duckdb-async 1.4, or unset ARTEMIS_DB_DRIVER.',
  );
}

function isDuckdbAsync(loaded: unknown): loaded is DuckdbAsync {
  if (typeof loaded !== 'object' || loaded === null || !('Database' in loaded)) return false;
  const { Database } = loaded;
  return typeof Database === 'function' && 'create' in Database;
}

function firstLine(error: unknown): string {
  const message =
    typeof error === 'object' && error !== null && 'message' in error ? error.message : error;
  return String(message).split('\n')[0] ?? '';
}
