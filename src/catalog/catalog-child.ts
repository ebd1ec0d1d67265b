/** The process that reads an untrusted catalog. Started by parse-catalog in a scratch folder of its own. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { CatalogRows } from './catalog-rows';
import { CatalogStaging } from './catalog-staging';
import { parseJob } from '../processes/process-messages';
import type { ParseCounts, ParseJob } from '../processes/process-messages';
import { finishCatalog } from './finish-catalog';
import { openLockedDatabase } from '../processes/locked-database';
import { readCsvCatalog } from './csv/read-csv-catalog';
import { readJsonCatalog } from './json/read-json-catalog';
import { linkParquet, readParquetCatalog } from './parquet/read-parquet-catalog';
import { serveProcess } from '../processes/serve-process';

async function parse(job: ParseJob): Promise<ParseCounts & { firstProblem: string | null }> {
  if (job.format === 'parquet') await linkParquet(job);
  const database = await openLockedDatabase({
    ...job.database,
    folder: process.cwd(),
    files: job.format === 'parquet' ? [job.catalog] : [],
  });
  const connection = await database.connect();
  const staging = new CatalogStaging(connection);
  const rows = new CatalogRows(staging);
  await staging.open();
  // A connection of its own: rows are staged while the catalog's result is still open.
  await read(await database.connect(), job, staging, rows);
  await staging.close();
  const counts = await finishCatalog(connection, staging.columns, rows.count);
  return { ...counts, firstProblem: rows.firstProblem };
}

async function read(
  connection: DuckDBConnection,
  job: ParseJob,
  staging: CatalogStaging,
  rows: CatalogRows,
): Promise<void> {
  if (job.format === 'parquet') await readParquetCatalog(connection, job, staging, rows);
  else if (job.format === 'csv' || job.format === 'tsv') await readCsvCatalog(job, staging, rows);
  else await readJsonCatalog(job, staging, rows);
}

serveProcess(parseJob, parse);
