/**
 * Stages the rows of a Parquet file slice by slice: SQL copies the plain rows of a slice, and only
 * the others pass through JavaScript.
 *
 * @see docs/decisions/0081-plain-rows-of-parquet.md
 */
import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import { literal } from '../../duckdb/sql-text';
import type { CatalogRows } from '../catalog-rows';
import { inPlaces, PART_ROWS, type CatalogStaging } from '../catalog-staging';
import type { WholeCells } from '../records/image-rows';
import { plainRowSql } from './plain-rows';

/** What DuckDB calls the number of a row in its file, from 0. */
export const ROW_NUMBER = 'file_row_number';

export interface ParquetFile {
  /** Its name in the working folder. */
  readonly input: string;
  /** SQL expressions for the cells as texts, in the order of the file's columns. */
  readonly texts: readonly string[];
  /** Where the catalog has these columns; null: it has them in their order. */
  readonly places: readonly number[] | null;
  /** Columns of the catalog whose values are no ids. */
  readonly noIds: ReadonlySet<number>;
}

/** Where the rows go. */
export interface StagedRows {
  readonly rows: CatalogRows;
  readonly staging: CatalogStaging;
}

/**
 * Stages all rows of a file, in their order.
 *
 * @param cells places of cells in the catalog's columns.
 */
export async function takeSlices(
  connection: DuckDBConnection,
  file: ParquetFile,
  cells: WholeCells,
  { rows, staging }: StagedRows,
): Promise<void> {
  const before = rows.records;
  for (const { from, to } of await slicesOf(connection, file.input)) {
    const slice = sliceSql({ file, cells, staging, fileName: rows.file, before, from, to });
    await staging.openSlice();
    const others = await takeOthers(connection, slice.others, file, rows);
    await staging.closeSlice(slice.plain);
    rows.countPlain(to - from, to - from - others);
  }
}

/** The rows of a file with the numbers from `from` up to, but not including, `to`. */
interface Slice {
  readonly from: number;
  readonly to: number;
}

/** Slices end where row groups end, because DuckDB reads whole row groups. */
async function slicesOf(connection: DuckDBConnection, input: string): Promise<readonly Slice[]> {
  const reader = await connection.runAndReadAll(
    `SELECT any_value(row_group_num_rows) FROM parquet_metadata('${input}')
     GROUP BY row_group_id ORDER BY row_group_id`,
  );
  const slices: Slice[] = [];
  let from = 0;
  let to = 0;
  for (const [rows] of reader.getRows()) {
    to += Number(rows);
    if (to - from < PART_ROWS) continue;
    slices.push({ from, to });
    from = to;
  }
  if (to > from) slices.push({ from, to });
  return slices;
}

interface SliceOfFile extends Slice {
  readonly file: ParquetFile;
  readonly cells: WholeCells;
  readonly staging: CatalogStaging;
  readonly fileName: string | null;
  /** The number of records of the catalog that come before the file. */
  readonly before: number;
}

/** Statements that select the plain rows, as staged, and the cells of the other records. */
function sliceSql({ file, cells, staging, fileName, before, from, to }: SliceOfFile): {
  readonly plain: string;
  readonly others: string;
} {
  const names = file.texts.map((_, index) => `t${index}`);
  const texts = file.texts.map((text, index) => `${text} AS t${index}`);
  const source = `(SELECT ${before} + ${ROW_NUMBER} + 1 AS record, ${texts.join(', ')}
    FROM read_parquet('${file.input}') WHERE ${ROW_NUMBER} >= ${from} AND ${ROW_NUMBER} < ${to})`;
  const inCatalog = inPlaces(names, file.places);
  const { isPlain, row, id, url, object } = plainRowSql(cells, {
    record: 'record',
    id: inCatalog[cells.id ?? -1] ?? 'NULL',
    url: inCatalog[cells.url] ?? 'NULL',
  });
  const values = staging.columns.map((_, index) => {
    const text = inCatalog[index];
    return `${text === undefined ? 'NULL::VARCHAR' : `nullif(${text}, '')`} AS c${index}`;
  });
  const name = fileName === null ? 'NULL' : literal(fileName);
  return {
    plain: `SELECT ${row} AS num, record AS rec, NULL::BIGINT AS lin, ${id} AS id, ${url} AS url,
      ${object}::VARCHAR AS obj, NULL::VARCHAR AS ucol, ${name}::VARCHAR AS fil, ${values.join(', ')}
      FROM ${source} WHERE ${isPlain}`,
    others: `SELECT record, ${names.join(', ')} FROM ${source} WHERE (${isPlain}) IS NOT TRUE`,
  };
}

/** @returns the number of records. */
async function takeOthers(
  connection: DuckDBConnection,
  sql: string,
  { places, noIds }: ParquetFile,
  rows: CatalogRows,
): Promise<number> {
  let records = 0;
  const result = await connection.stream(sql);
  for await (const chunk of result.yieldRows())
    for (const [record, ...cells] of chunk) {
      records += 1;
      const values = inPlaces(cellTexts(cells), places);
      const full = rows.take({ record: Number(record), line: null, values, noIds });
      if (full !== undefined) await full;
    }
  return records;
}

export function cellTexts(cells: readonly DuckDBValue[]): readonly (string | null)[] {
  return cells.map((cell) => (cell === null ? null : String(cell)));
}
