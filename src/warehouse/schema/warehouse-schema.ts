/** The schema of the warehouse as a program knows it. */
import { builtFile } from '../../files/process/built-file';
import { FACT_COLUMNS, type MaybeLine } from './fact-columns';
import type { FeatureLine } from '../../contract/features/feature';
import { FEATURE_COLUMNS } from './feature-columns';
import type { StagedColumn } from './staged-column';
import { readMigrations, type Migration } from './migrations';

export interface WarehouseSchema {
  /**
   * The migrations that create the tables and views: numbered SQL files, which never change after
   * they were published.
   */
  readonly migrations: readonly Migration[];
  /** The columns that are staged for `fact_download`. They change with the program. */
  readonly factColumns: readonly StagedColumn<MaybeLine>[];
  /** The same for `fact_feature`. */
  readonly featureColumns: readonly StagedColumn<FeatureLine>[];
}

/** The schema of this program. */
export const SCHEMA: WarehouseSchema = {
  migrations: readMigrations(builtFile('warehouse/schema')),
  factColumns: FACT_COLUMNS,
  featureColumns: FEATURE_COLUMNS,
};
