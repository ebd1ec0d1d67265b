/** Parquet rows into the staging. DuckDB reads the file; lines are unknown there. */
import { createWriteStream } from 'node:fs';
import { symlink } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { StepError } from '../../contract/errors';
import { isGzip, readBytes } from '../text/catalog-bytes';
import { checkColumns } from '../catalog-columns';
import type { CatalogReading } from '../catalog-reading';
import { asStepError } from '../../processes/process-failure';
import type { ParseJob } from '../../processes/process-messages';
import { identifier } from '../../processes/locked-database';

/** The catalog under a name of ours in the scratch folder: `*` and `?` in a user's name would be a pattern. */
const INPUT = 'input.parquet';
const NESTED = /^(STRUCT|MAP|UNION|VARIANT)\b|\]$/;

/** Puts the catalog into the working folder. Before the database is locked, because nothing else is read from outside. */
export async function linkParquet(job: ParseJob): Promise<void> {
  if (await isGzip(job.catalog)) {
    await pipeline(readBytes(job.catalog, job.name), createWriteStream(INPUT, { flags: 'wx' }));
  } else {
    await symlink(job.catalog, INPUT);
  }
}

interface ParquetColumn {
  readonly name: string;
  readonly type: string;
}

/** **Errors** {@link StepError} `catalog_columns`; `catalog_format` for a file that DuckDB cannot read. */
export async function readParquetCatalog(
  connection: DuckDBConnection,
  { job, staging, imageRows, rows }: CatalogReading,
): Promise<void> {
  try {
    const columns = await columnsOf(connection);
    const names = columns.map(({ name }) => name.trim());
    checkColumns(names, imageRows, job.name);
    for (const name of names) staging.addColumn(name);
    await takeRows(connection, columns, rows);
  } catch (error) {
    const failure = asStepError(error);
    if (error instanceof StepError || failure.code !== 'catalog_format') throw failure;
    throw new StepError(
      'catalog_format',
      `The catalog ${job.name} cannot be read as Parquet: ${failure.message}. Fetch it again, or set \`format\`.`,
      { cause: error },
    );
  }
}

async function columnsOf(connection: DuckDBConnection): Promise<readonly ParquetColumn[]> {
  const reader = await connection.runAndReadAll(`DESCRIBE SELECT * FROM read_parquet('${INPUT}')`);
  return reader.getRows().map(([name, type]) => ({ name: String(name), type: String(type) }));
}

async function takeRows(
  connection: DuckDBConnection,
  columns: readonly ParquetColumn[],
  rows: CatalogReading['rows'],
): Promise<void> {
  const noIds = new Set(columns.flatMap(({ type }, index) => (isNoId(type) ? index : [])));
  const result = await connection.stream(
    `SELECT ${columns.map(asText).join(', ')} FROM read_parquet('${INPUT}')`,
  );
  for await (const chunk of result.yieldRows()) {
    for (const cells of chunk) {
      const values = cells.map((cell) => (cell === null ? null : String(cell)));
      const full = rows.take({ ...rows.next(null), values, noIds });
      if (full !== undefined) await full;
    }
  }
}

function isNoId(type: string): boolean {
  return type === 'BOOLEAN' || NESTED.test(type);
}

/** Binary columns are text that somebody forgot to call so, unless they are not UTF-8. */
function asText({ name, type }: ParquetColumn): string {
  const column = identifier(name);
  if (NESTED.test(type)) return `to_json(${column})::VARCHAR`;
  if (type === 'BLOB') return `coalesce(try(decode(${column})), ${column}::VARCHAR)`;
  return `${column}::VARCHAR`;
}
