/**
 * Two later versions of the schema, and the columns that a program with the latest of them stages.
 */
import path from 'node:path';
import { FACT_COLUMNS } from '../../../src/warehouse/schema/fact-columns';
import { latestVersion, readMigrations } from '../../../src/warehouse/schema/migrations';
import { SCHEMA, type WarehouseSchema } from '../../../src/warehouse/schema/warehouse-schema';

/** The schema version of this program. */
export const VERSION = latestVersion(SCHEMA.migrations);

/** The schema version of the later program. */
export const LATER_VERSION = VERSION + 2;

export const LATER_FOLDER = path.join(__dirname, 'later');

export const LATER_SCHEMA: WarehouseSchema = {
  migrations: [
    ...SCHEMA.migrations,
    ...readMigrations(LATER_FOLDER).map(({ version, statements }) => ({
      version: VERSION + version,
      statements,
    })),
  ],
  featureColumns: SCHEMA.featureColumns,
  factColumns: [
    { name: 'lane', type: 'VARCHAR', valueOf: ({ line }) => line.lane },
    ...FACT_COLUMNS,
  ],
};
