/** What a program knows of the warehouse's schema. */
import { FACT_COLUMNS, type FactColumn } from './fact-columns';
import { readMigrations, type Migration } from './migrations';

export interface WarehouseSchema {
  /** What makes the tables and views: numbered SQL that never changes once it is published. */
  readonly migrations: readonly Migration[];
  /** What is staged for `fact_download`: changes with the program. */
  readonly factColumns: readonly FactColumn[];
}

/** This program's. */
export const SCHEMA: WarehouseSchema = {
  migrations: readMigrations(__dirname),
  factColumns: FACT_COLUMNS,
};
