/** The tables and views of the snapshot, their columns and their rows. */
import { identifier } from '../../duckdb/sql-text';
import type { Answer } from '../../report/ask';
import { ask } from '../images/image-lists';
import type { OpenSnapshot } from '../snapshot/open-snapshot';
import { tableDescriptions } from './table-descriptions';

export interface SnapshotTable {
  readonly name: string;
  readonly kind: 'table' | 'view';
  /** What a row is; null where nothing says it. */
  readonly meaning: string | null;
  readonly columns: readonly TableColumn[];
}

export interface TableColumn {
  readonly name: string;
  /** DuckDB's name of the type. */
  readonly type: string;
  readonly meaning: string | null;
}

/** The catalog's columns are whatever the catalog has, so no document lists them. */
const CATALOG_COLUMN = 'A column of the catalog, as text.';

export const TABLES_SQL = `SELECT table_name AS name, 'table' AS kind FROM duckdb_tables() WHERE database_name = 'snapshot'
UNION ALL SELECT view_name, 'view' FROM duckdb_views() WHERE database_name = 'snapshot' AND NOT internal
ORDER BY name`;

/** All of them, by name. @throws DuckDB's errors; HttpProblem 503. */
export const snapshotTables = oncePerSnapshot(readTables);

/** The number of rows by name. A table that cannot be counted in time has none. */
export const rowCounts = oncePerSnapshot(countRows);

/** A snapshot never changes, so that what was read of it once is kept as long as it is open. */
function oncePerSnapshot<T>(
  read: (snapshot: OpenSnapshot) => Promise<T>,
): (snapshot: OpenSnapshot) => Promise<T> {
  const known = new WeakMap<OpenSnapshot, Promise<T>>();
  return (snapshot) => {
    const found = known.get(snapshot);
    if (found !== undefined) return found;
    const reading = read(snapshot);
    known.set(snapshot, reading);
    reading.catch(() => known.delete(snapshot));
    return reading;
  };
}

async function readTables(snapshot: OpenSnapshot): Promise<readonly SnapshotTable[]> {
  const relations = await snapshot.rows(TABLES_SQL);
  const models = await modelsOf(snapshot);
  const tables: SnapshotTable[] = [];
  for (const { name, kind } of relations)
    tables.push(await describe(snapshot, String(name), kind === 'view' ? 'view' : 'table', models));
  return tables;
}

interface Model {
  readonly isOfUser: boolean;
  readonly doc: string | null;
}

/** Models by name. A user's file itself says what its rows are, also in place of one of ours. */
async function modelsOf(snapshot: OpenSnapshot): Promise<ReadonlyMap<string, Model>> {
  if (!snapshot.relations.has('model')) return new Map();
  const rows = await snapshot.rows('SELECT * FROM model');
  return new Map(
    rows.map(({ name, file, doc }) => [
      String(name),
      { isOfUser: String(file).startsWith('models/'), doc: doc == null ? null : String(doc) },
    ]),
  );
}

async function describe(
  snapshot: OpenSnapshot,
  name: string,
  kind: SnapshotTable['kind'],
  models: ReadonlyMap<string, Model>,
): Promise<SnapshotTable> {
  const model = models.get(name);
  const documented = model?.isOfUser === true ? undefined : tableDescriptions().get(name);
  const columns = await snapshot.rows(
    `SELECT column_name AS name, column_type AS type FROM (DESCRIBE FROM ${identifier(name)})`,
  );
  const fallback = name === 'catalog_row' ? CATALOG_COLUMN : null;
  return {
    name,
    kind,
    meaning: documented?.meaning ?? model?.doc ?? null,
    columns: columns.map((column) => ({
      name: String(column.name),
      type: String(column.type),
      meaning: documented?.columns.get(String(column.name)) ?? fallback,
    })),
  };
}

async function countRows(snapshot: OpenSnapshot): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  for (const { name } of await snapshotTables(snapshot)) {
    const answer = await ask(snapshot, `SELECT count(*)::BIGINT AS rows FROM ${identifier(name)}`);
    const [row] = 'rows' in answer ? answer.rows : [];
    if (row !== undefined) found.set(name, Number(row.rows));
  }
  return found;
}

/** The number of rows on one page, and the largest number of pages. Further rows need a query. */
export const ROWS_OF_PAGE = 100;
export const MOST_PAGES = 100;

/** The most characters of a cell. One more than that is read, which shows that it is cut. */
export const MOST_TABLE_CELL = 500;

/** The rows of one page, from 1, with one row more where there is a next page. */
export function rowsOfPage(
  snapshot: OpenSnapshot,
  { name, columns }: SnapshotTable,
  page: number,
): Promise<Answer> {
  const cells = columns.map((column) => {
    const quoted = identifier(column.name);
    return isNumber(column)
      ? quoted
      : `left(${quoted}::VARCHAR, ${MOST_TABLE_CELL + 1}) AS ${quoted}`;
  });
  return ask(
    snapshot,
    `SELECT ${cells.join(', ')} FROM ${identifier(name)}
LIMIT ${ROWS_OF_PAGE + 1} OFFSET ${(page - 1) * ROWS_OF_PAGE}`,
  );
}

/** Whether the values of the column are numbers, which are aligned to the right. */
export function isNumber({ type }: Pick<TableColumn, 'type'>): boolean {
  return /^(U?(TINY|SMALL|BIG|HUGE)?INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL\(.*\))$/.test(type);
}

/** @returns the SQL of all rows of a table, as a person would write it. */
export function allRowsSql(name: string): string {
  return `FROM ${/^[a-z_][a-z0-9_]*$/.test(name) ? name : identifier(name)}`;
}
