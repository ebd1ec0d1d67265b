/** Stages the rows of Parquet files. DuckDB reads them, so rows have no line numbers. */
import { createWriteStream } from 'node:fs';
import { symlink } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { StepError } from '../../contract/errors';
import { readBytes } from '../text/catalog-bytes';
import { packingOf } from '../text/packed-bytes';
import { checkColumns } from '../catalog-columns';
import { ReadingEnded, type CatalogReading } from '../catalog-reading';
import { inPlaces } from '../catalog-staging';
import { asStepError } from '../../processes/process-failure';
import type { ParseJob } from '../../processes/process-messages';
import { identifier } from '../../duckdb/sql-text';
import { hasSmallGroups, regroupRows } from './regroup-rows';
import {
  cellTexts,
  ROW_NUMBER,
  takeSlices,
  type ParquetFile,
  type StagedRows,
} from './take-slices';

/**
 * The name of a file in the scratch folder. DuckDB would take `*` and `?` in the name that the user
 * chose for a pattern.
 */
function inputName(index: number): string {
  return `input-${index}.parquet`;
}

const NESTED = /^(STRUCT|MAP|UNION|VARIANT)\b|\]$/;

/**
 * Links or unpacks the catalog's files into the working folder. Must be called before the database
 * is locked, because a locked database reads no files outside that folder.
 */
export async function linkParquet(job: ParseJob): Promise<void> {
  for (const [index, { file, name }] of job.files.entries()) {
    const input = inputName(index);
    if ((await packingOf(file)) !== null)
      await pipeline(
        readBytes({ file, name, member: job.member }),
        createWriteStream(input, { flags: 'wx' }),
      );
    else await symlink(file, input);
  }
}

interface ParquetColumn {
  readonly name: string;
  readonly type: string;
}

/**
 * Reads the rows of one file.
 *
 * @param staged where plain rows are staged by SQL; without it, each record passes through
 *   `reading.rows`.
 * @throws {@link StepError} `catalog_columns`, or `catalog_format` if DuckDB cannot read the file.
 */
export async function readParquetCatalog(
  connection: DuckDBConnection,
  { job, index, staging, imageRows, rows }: CatalogReading,
  staged?: StagedRows,
): Promise<void> {
  try {
    const input = inputName(index);
    const columns = await columnsOf(connection, input);
    const names = columns.map(({ name }) => name.trim());
    checkColumns(names, imageRows, job.name);
    const places = staging.addColumns(names);
    const noIds = noIdsOf(columns, places);
    const file = { input, texts: columns.map(asText), places, noIds };
    const cells = imageRows.wholeCells;
    const isSliced =
      staged !== undefined && cells !== null && !noIds.has(cells.id ?? -1) && isNumbered(columns);
    if (isSliced)
      await takeSlices(
        connection,
        await inLargeGroups(connection, job, columns, file),
        cells,
        staged,
      );
    else await takeRows(connection, file, rows);
  } catch (error) {
    if (error instanceof ReadingEnded) throw error;
    const failure = asStepError(error);
    if (error instanceof StepError || failure.code !== 'catalog_format') throw failure;
    // DuckDB repeats the statement below its message.
    const [problem = ''] = failure.message.split('\n');
    throw new StepError(
      'catalog_format',
      `The catalog ${job.name} cannot be read as Parquet: ${problem}. Fetch it again, or set \`format\`.`,
      { cause: error },
    );
  }
}

async function columnsOf(
  connection: DuckDBConnection,
  input: string,
): Promise<readonly ParquetColumn[]> {
  const reader = await connection.runAndReadAll(`DESCRIBE SELECT * FROM read_parquet('${input}')`);
  return reader.getRows().map(([name, type]) => ({ name: String(name), type: String(type) }));
}

/** The file, or its rows in large row groups where it has very many small ones. */
async function inLargeGroups(
  connection: DuckDBConnection,
  job: ParseJob,
  columns: readonly ParquetColumn[],
  file: ParquetFile,
): Promise<ParquetFile> {
  if (!(await hasSmallGroups(connection, file.input))) return file;
  const cells = columns.map((column) => ({ name: column.name, text: asText(column) }));
  const input = await regroupRows(job, file.input, cells);
  return { ...file, input, texts: columns.map(({ name }) => identifier(name)) };
}

async function takeRows(
  connection: DuckDBConnection,
  { input, texts, places, noIds }: ParquetFile,
  rows: CatalogReading['rows'],
): Promise<void> {
  const result = await connection.stream(
    `SELECT ${texts.join(', ')} FROM read_parquet('${input}')`,
  );
  for await (const chunk of result.yieldRows()) {
    for (const cells of chunk) {
      const values = inPlaces(cellTexts(cells), places);
      const full = rows.take({ ...rows.next(null), values, noIds });
      if (full !== undefined) await full;
    }
  }
}

/** Places of the columns whose values are no ids. */
function noIdsOf(
  columns: readonly ParquetColumn[],
  places: readonly number[] | null,
): ReadonlySet<number> {
  return new Set(
    columns.flatMap(({ type }, index) => (isNoId(type) ? (places?.[index] ?? index) : [])),
  );
}

/** Whether the numbers of rows are not hidden by a column of the same name. */
function isNumbered(columns: readonly ParquetColumn[]): boolean {
  return columns.every(({ name }) => name.toLowerCase() !== ROW_NUMBER);
}

function isNoId(type: string): boolean {
  return type === 'BOOLEAN' || NESTED.test(type);
}

/** Binary columns are read as text if they are valid UTF-8, because many writers omit that type. */
function asText({ name, type }: ParquetColumn): string {
  const column = identifier(name);
  if (NESTED.test(type)) return `to_json(${column})::VARCHAR`;
  if (type === 'BLOB') return `coalesce(try(decode(${column})), ${column}::VARCHAR)`;
  return `${column}::VARCHAR`;
}
