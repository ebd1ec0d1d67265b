/**
 * A warehouse has the tables and views of a new one after its migration, whatever version it
 * started with.
 */
import { createLogger } from '../../../src/log';
import { IMAGE_STATE_VIEW, IMAGE_VIEW } from '../../../src/warehouse/commit/fold-outcomes';
import { identifier, literal } from '../../../src/duckdb/sql-text';
import { rowsOf, type Database } from '../../../src/warehouse/driver/database';
import { openDatabase } from '../../../src/warehouse/driver/open-database';
import { SCHEMA, type WarehouseSchema } from '../../../src/warehouse/schema/warehouse-schema';
import { createWarehouse } from '../../../src/warehouse/warehouse';
import { database, WarehouseFixture } from '../warehouse-fixture';
import { LATER_SCHEMA } from './later-schema';
import { restoreDataRoot, storedVersions } from './stored-data-roots';

const record = (fixture: WarehouseFixture) => fixture.record('r1', '2026-01-01T00:00:00.000Z');

/** Creates or migrates the warehouse of a data root like a program with this schema. */
async function writeWith(schema: WarehouseSchema, fixture: WarehouseFixture): Promise<void> {
  const log = createLogger({ level: 'silent', pretty: false });
  const warehouse = createWarehouse({ dataRoot: fixture.root, database, log, schema });
  await warehouse.recordRun(record(fixture));
}

/** The schema at an earlier version. */
function upTo(schema: WarehouseSchema, version: number): WarehouseSchema {
  return { ...schema, migrations: schema.migrations.slice(0, version) };
}

interface Described {
  readonly versions: readonly unknown[];
  /** For each table and view: the name, type, nullability, key and default of each column. */
  readonly columns: Readonly<Record<string, readonly unknown[]>>;
  readonly constraints: readonly unknown[];
}

async function onWarehouse<T>(
  fixture: WarehouseFixture,
  query: (opened: Database) => Promise<T>,
): Promise<T> {
  const opened = await openDatabase(database, fixture.path('spill'));
  try {
    await opened.run(`ATTACH ${literal(fixture.path('warehouse.duckdb'))} AS w (READ_ONLY); USE w`);
    return await query(opened);
  } finally {
    await opened.close();
  }
}

function describeWarehouse(fixture: WarehouseFixture): Promise<Described> {
  return onWarehouse(fixture, async (opened) => {
    const relations = await rowsOf(opened, 'SELECT name FROM (SHOW TABLES) ORDER BY name');
    const columns: Record<string, readonly unknown[]> = {};
    // The columns of `catalog_row` depend on the catalog.
    for (const name of relations.map((row) => String(row.name)).filter(isOurs))
      columns[name] = await rowsOf(opened, `DESCRIBE ${identifier(name)}`);
    const constraints = await rowsOf(
      opened,
      `SELECT table_name, constraint_type, constraint_column_names::VARCHAR AS columns
       FROM duckdb_constraints() WHERE database_name = 'w' ORDER BY ALL`,
    );
    const versions = await rowsOf(opened, 'SELECT version FROM schema_version ORDER BY version');
    return { versions, columns, constraints };
  });
}

function isOurs(table: string): boolean {
  return table !== 'catalog_row';
}

let fresh: WarehouseFixture;
let migrated: WarehouseFixture;
beforeEach(() => {
  fresh = new WarehouseFixture();
  migrated = new WarehouseFixture();
});
afterEach(() => {
  fresh.remove();
  migrated.remove();
});

const SCHEMAS = [
  ['this program', SCHEMA],
  ['a later program', LATER_SCHEMA],
] as const;

/** Every version of each program's schema, created by its own SQL files. */
const BEGINNINGS = SCHEMAS.flatMap(([program, schema]) =>
  schema.migrations.map(({ version }) => [program, version, schema] as const),
);

it.each(BEGINNINGS)(
  'a warehouse that %s migrates from version %i has the tables and views of a new one',
  async (_, version, schema) => {
    await writeWith(schema, fresh);
    await writeWith(upTo(schema, version), migrated);
    await writeWith(schema, migrated);
    const described = await describeWarehouse(migrated);
    expect(described).toEqual(await describeWarehouse(fresh));
    expect(described.versions).toHaveLength(schema.migrations.length);
    expect(Object.keys(described.columns).length).toBeGreaterThan(8);
  },
);

const STORED = SCHEMAS.flatMap(([program, schema]) =>
  storedVersions().map((version) => [program, version, schema] as const),
);

it.each(STORED)(
  'a stored warehouse that %s migrates from version %i has the tables and views of a new one',
  async (_, version, schema) => {
    restoreDataRoot(version, migrated.root);
    await writeWith(schema, fresh);
    await writeWith(schema, migrated);
    expect(await describeWarehouse(migrated)).toEqual(await describeWarehouse(fresh));
  },
);

it('a data root of every version is stored', () => {
  expect(storedVersions()).toEqual(SCHEMA.migrations.map(({ version }) => version));
});

it('the views of the SQL files are those of the fold', async () => {
  await writeWith(SCHEMA, fresh);
  const definitions = `SELECT view_name, sql FROM duckdb_views()
    WHERE view_name IN ('image', 'image_state') AND database_name = current_database() ORDER BY view_name`;
  await onWarehouse(fresh, async (opened) => {
    const made = await rowsOf(opened, definitions);
    expect(made.map((row) => row.view_name)).toEqual(['image', 'image_state']);
    await opened.run('USE memory');
    for (const table of ['fact_download', 'etl_run', 'dim_image'])
      await opened.run(`CREATE TABLE ${table} AS FROM w.${table} LIMIT 0`);
    await opened.run(`CREATE VIEW image AS ${IMAGE_VIEW}`);
    await opened.run(`CREATE VIEW image_state AS ${IMAGE_STATE_VIEW}`);
    expect(made).toEqual(await rowsOf(opened, definitions));
  });
});

it('every column that is staged for fact_download is one of its columns, with its type', async () => {
  for (const [, schema] of SCHEMAS) {
    const fixture = new WarehouseFixture();
    await writeWith(schema, fixture);
    const types = await onWarehouse(fixture, (opened) =>
      rowsOf(opened, 'SELECT column_name, column_type FROM (DESCRIBE fact_download)'),
    );
    for (const { name, type } of schema.factColumns)
      expect(types).toContainEqual({ column_name: name, column_type: type });
    fixture.remove();
  }
});
