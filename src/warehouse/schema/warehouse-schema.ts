/** The schema of the warehouse as a program knows it. */
import { FACT_COLUMNS, type FactColumn } from './fact-columns';
import { readMigrations, type Migration } from './migrations';

export interface WarehouseSchema {
  /**
   * The migrations that create the tables and views: numbered SQL files, which never change after
   * they were published.
   */
  readonly migrations: readonly Migration[];
  /** The columns that are staged for `fact_download`. They change with the program. */
  readonly factColumns: readonly FactColumn[];
}

/** The schema of this program. */
export const SCHEMA: WarehouseSchema = {
  migrations: readMigrations(__dirname),
  factColumns: FACT_COLUMNS,
};
