/** The queries behind a file of images: everything that is known of each, and its catalog row. */
import { identifier } from '../../duckdb/sql-text';
import { harmlessText } from '../harmless-text';
import type { OpenSnapshot } from '../snapshot/open-snapshot';
import type { ResultFormat } from '../snapshot/result-file';
import type { List } from './image-lists';

/** A kind of file that the images of a query can be saved as. */
export interface ExportFormat extends ResultFormat {
  /** The end of the file's name. */
  readonly extension: string;
  readonly type: string;
}

export const EXPORTS = {
  csv: {
    extension: 'csv',
    type: 'text/csv; charset=utf-8',
    first: 'FORMAT csv, HEADER true',
    further: 'FORMAT csv, HEADER false',
    whole: null,
  },
  ndjson: {
    extension: 'ndjson',
    type: 'application/x-ndjson; charset=utf-8',
    first: 'FORMAT json',
    further: 'FORMAT json',
    whole: null,
  },
  parquet: {
    extension: 'parquet',
    type: 'application/vnd.apache.parquet',
    first: 'FORMAT parquet',
    further: 'FORMAT parquet',
    // A group of rows is in memory until it is written.
    whole: 'FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 20480',
  },
} as const satisfies Readonly<Record<string, ExportFormat>>;

export type ExportName = keyof typeof EXPORTS;

export function exportNames(): readonly ExportName[] {
  return Object.keys(EXPORTS) as ExportName[];
}

/** One text a line, exactly as it stands. JSON has escaped what could end a line. */
const PLAIN_LINES = "FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '|'";

/** One id a line, as a JSON string: a file that `run --only` takes. */
export const ID_LIST: ExportFormat = {
  extension: 'ndjson',
  type: 'application/x-ndjson; charset=utf-8',
  first: PLAIN_LINES,
  further: PLAIN_LINES,
  whole: null,
};

/** The images of one part of a file. A part of a million images would not fit into memory. */
const PART = 10_000;

/** The queries of the parts, in the order of the rows. The first one may have no rows. */
export function* idsSqls(rows: List): Generator<string> {
  for (const condition of conditionsOfParts(rows))
    yield `SELECT to_json(source_image_id)::VARCHAR FROM serving.image_row WHERE ${condition} ORDER BY row`;
}

/**
 * Likewise, with the columns of `image`, then those of the catalog. A column of the catalog that
 * has the name of one of `image` gets `catalog_` before it.
 */
export async function exportSqls(
  snapshot: OpenSnapshot,
  rows: List,
  name: ExportName,
): Promise<Iterable<string>> {
  const images = await columnsOf(snapshot, 'image');
  const taken = new Set(images.map((column) => column.name.toLowerCase()));
  const ofCatalog = (await columnsOf(snapshot, 'catalog_row'))
    .filter((column) => !['source_image_id', 'record'].includes(column.name))
    .map((column) => ({ ...column, as: freeName(column.name, taken) }));
  const cell = name === 'csv' ? harmless : plain;
  const cells = [
    ...images.map((column) => `${cell('i', column)} AS ${identifier(column.name)}`),
    ...ofCatalog.map((column) => `${cell('c', column)} AS ${identifier(column.as)}`),
  ];
  return partSqls(cells.join(', '), rows);
}

/** Only the rows of the catalog that a part needs are joined. */
function* partSqls(cells: string, rows: List): Generator<string> {
  for (const condition of conditionsOfParts(rows))
    yield `SELECT ${cells} FROM (SELECT * FROM serving.image_row WHERE ${condition}) i
LEFT JOIN (FROM catalog_row WHERE source_image_id IN
  (SELECT source_image_id FROM serving.image_row WHERE ${condition})) c
ON c.source_image_id = i.source_image_id ORDER BY i.row`;
}

function* conditionsOfParts(rows: List): Generator<string> {
  const total = typeof rows === 'number' ? rows : rows.length;
  if (total === 0) yield 'false';
  for (let from = 0; from < total; from += PART) {
    const to = Math.min(total, from + PART);
    if (typeof rows === 'number') yield `row BETWEEN ${from} AND ${to - 1}`;
    else {
      const part = rows.subarray(from, to);
      const range = `row BETWEEN ${part[0] ?? 0} AND ${part.at(-1) ?? 0}`;
      yield `${range} AND row IN (${part.join(', ')})`;
    }
  }
}

interface Column {
  readonly name: string;
  readonly type: string;
}

async function columnsOf(snapshot: OpenSnapshot, relation: string): Promise<readonly Column[]> {
  const rows = await snapshot.rows(
    `SELECT column_name AS name, column_type AS type FROM (DESCRIBE FROM ${relation})`,
  );
  return rows.map(({ name, type }) => ({ name: String(name), type: String(type) }));
}

function freeName(name: string, taken: Set<string>): string {
  let free = name;
  while (taken.has(free.toLowerCase())) free = `catalog_${free}`;
  taken.add(free.toLowerCase());
  return free;
}

function plain(table: string, { name }: Column): string {
  return `${table}.${identifier(name)}`;
}

function harmless(table: string, column: Column): string {
  const value = plain(table, column);
  if (column.type !== 'VARCHAR') return value;
  return harmlessText(value);
}
