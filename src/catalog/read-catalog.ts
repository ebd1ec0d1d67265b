/** The work of the process that reads an untrusted catalog (catalog-child.ts). */
import type { DuckDBConnection } from '@duckdb/node-api';
import { CatalogRows } from './catalog-rows';
import { CatalogStaging } from './catalog-staging';
import type { ParseCounts, ParseJob } from '../processes/process-messages';
import { filesToRead } from './darwin-core/archive-files';
import { stagedCoreJoin } from './darwin-core/staged-core-join';
import { finishCatalog } from './finish-catalog';
import { openLockedDatabase } from '../processes/locked-database';
import { linkParquet, readParquetCatalog } from './parquet/read-parquet-catalog';
import { ImageRows } from './records/image-rows';
import { readRecords } from './read-records';
import { withTextFormat } from './text/text-format';

/** How often the number of rows is reported, in milliseconds. */
const REPORT_EVERY_MS = 1_000;

export interface CatalogRead extends ParseCounts {
  /** Why the first row that was not taken was not; null when every row was taken. */
  readonly firstProblem: string | null;
}

/**
 * Reads the files of a job, and writes `catalog.parquet` and `rejects.ndjson` into the working
 * folder of this process, the only one that the database may open.
 *
 * @param reportRows called about once a second, and at the end, with the number of rows read.
 * @throws StepError `catalog_columns`, `catalog_format`; errors of DuckDB and of the file system.
 */
export async function readCatalog(
  given: ParseJob,
  reportRows: (rows: number) => void,
): Promise<CatalogRead> {
  const job = await withTextFormat(given);
  if (job.format === 'parquet') await linkParquet(job);
  const database = await openLockedDatabase({
    ...job.database,
    folder: process.cwd(),
    files: job.format === 'parquet' ? job.files.map(({ file }) => file) : [],
  });
  const connection = await database.connect();
  // A connection of its own: rows are staged while the catalog's result is still open.
  const source = await database.connect();
  try {
    return await readInto(connection, source, job, reportRows);
  } finally {
    source.closeSync();
    connection.closeSync();
    database.closeSync();
  }
}

async function readInto(
  connection: DuckDBConnection,
  source: DuckDBConnection,
  job: ParseJob,
  reportRows: (rows: number) => void,
): Promise<CatalogRead> {
  const staging = new CatalogStaging(connection);
  const imageRows = new ImageRows(job, staging);
  const rows = new CatalogRows(staging, imageRows);
  await staging.open();
  const timer = setInterval(() => {
    reportRows(rows.count);
  }, REPORT_EVERY_MS);
  try {
    const files = filesToRead(job);
    for (const [index, { file, name }] of files.entries()) {
      if (files.length > 1) rows.file = name;
      const jobOfFile = { ...job, name: rows.file ?? job.name };
      await readRecords(
        { job: jobOfFile, file, index, staging, imageRows, rows },
        {
          readParquet: (reading) => readParquetCatalog(source, reading, { rows, staging }),
          openCoreJoin: stagedCoreJoin(source),
        },
      );
    }
  } finally {
    clearInterval(timer);
  }
  reportRows(rows.count);
  await staging.close();
  const counts = await finishCatalog(connection, {
    columns: staging.columns,
    rows: rows.count,
    hasObjects: job.many === true || imageRows.hasUrlColumns,
    hasUrlColumns: imageRows.hasUrlColumns,
    wanted: imageRows.wantedColumns,
  });
  return { ...counts, firstProblem: rows.firstProblem };
}
