/**
 * Loads the package `duckdb-async`, which is not a dependency: users who want it install it
 * themselves.
 */
import { createRequire } from 'node:module';
import { packageFile } from '../../../files/process/built-file';
import type { Value } from '../database';
import { DriverMissing } from './driver-missing';

/**
 * A column's type as the package describes it: `sql_type` in DuckDB's notation, and the parts of
 * nested types where the package knows them.
 */
export interface ColumnType {
  readonly id: string;
  readonly sql_type: string;
  readonly child?: ColumnType;
  readonly children?: readonly { readonly name: string; readonly type: ColumnType }[];
  readonly key?: ColumnType;
  readonly value?: ColumnType;
}

/**
 * The part of the package's interface that is used here.
 *
 * @see the package's README, and `lib/duckdb.d.ts` of the package `duckdb`, which it wraps.
 */
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
  /** Runs any number of statements without parameters. */
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
 * Loads the package from the dependencies of this program or from a folder of NODE_PATH.
 *
 * Uses `require`, which the import rules do not see: an optional package cannot be a dependency.
 *
 * @throws DriverMissing.
 */
export function loadDuckdbAsync(): DuckdbAsync {
  let loaded: unknown;
  try {
    loaded = createRequire(packageFile('package.json'))('duckdb-async');
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
