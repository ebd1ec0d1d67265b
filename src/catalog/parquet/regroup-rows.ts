/**
 * Writes the rows of a Parquet file that has very many row groups again, in large ones.
 *
 * DuckDB prepares every column of every row group for each query, whatever the query reads. A file
 * that is read in slices would cost its number of row groups times its number of slices.
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import { identifier } from '../../duckdb/sql-text';
import { openLockedDatabase } from '../../processes/locked-database';
import type { ParseJob } from '../../processes/process-messages';
import { PART_FORMAT } from '../part-format';

/** Files with fewer row groups than this cost little, however small the groups are. */
const MANY_GROUPS = 100;
/** Row groups are small if they have fewer rows than this on average. Usual ones have 100,000. */
const SMALL_GROUP_ROWS = 10_000;

/** @returns whether a file in the working folder has many row groups of few rows. */
export async function hasSmallGroups(
  connection: DuckDBConnection,
  input: string,
): Promise<boolean> {
  const reader = await connection.runAndReadAll(
    `SELECT num_rows, num_row_groups FROM parquet_file_metadata('${input}')`,
  );
  const [rows = 0, groups = 0] = (reader.getRows()[0] ?? []).map(Number);
  return groups >= MANY_GROUPS && rows < groups * SMALL_GROUP_ROWS;
}

/**
 * Writes the cells as texts, in the order of the rows.
 *
 * @remarks One thread keeps that order without a buffer for each row group. Several threads held
 *   seven gigabytes of such buffers for 20,000 row groups of ten rows and 25 columns.
 * @param columns names of the file's columns, with SQL expressions for their cells as texts.
 * @returns the name of the new file in the working folder.
 * @throws DuckDB's errors.
 */
export async function regroupRows(
  { database, files }: Pick<ParseJob, 'database' | 'files'>,
  input: string,
  columns: readonly { readonly name: string; readonly text: string }[],
): Promise<string> {
  const output = `regrouped-${input}`;
  const instance = await openLockedDatabase({
    ...database,
    threads: 1,
    folder: process.cwd(),
    files: files.map(({ file }) => file),
  });
  try {
    const connection = await instance.connect();
    const texts = columns.map(({ name, text }) => `${text} AS ${identifier(name)}`);
    await connection.run(
      `COPY (SELECT ${texts.join(', ')} FROM read_parquet('${input}')) TO '${output}' ${PART_FORMAT}`,
    );
    connection.closeSync();
  } finally {
    instance.closeSync();
  }
  return output;
}
