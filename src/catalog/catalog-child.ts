/**
 * The process that reads an untrusted catalog. Started by parse-catalog in a scratch folder of its
 * own.
 */
import { CatalogRows } from './catalog-rows';
import { CatalogStaging } from './catalog-staging';
import { parseJob } from '../processes/process-messages';
import type { ParseCounts, ParseJob } from '../processes/process-messages';
import { filesToRead } from './darwin-core/archive-files';
import { stagedCoreJoin } from './darwin-core/staged-core-join';
import { finishCatalog } from './finish-catalog';
import { openLockedDatabase } from '../processes/locked-database';
import { linkParquet, readParquetCatalog } from './parquet/read-parquet-catalog';
import { ImageRows } from './records/image-rows';
import { readRecords } from './read-records';
import { withTextFormat } from './text/text-format';
import { reportRows, serveProcess } from '../processes/serve-process';

/** How often the number of rows is reported, in milliseconds. */
const REPORT_EVERY_MS = 1_000;

async function parse(given: ParseJob): Promise<ParseCounts & { firstProblem: string | null }> {
  const job = await withTextFormat(given);
  if (job.format === 'parquet') await linkParquet(job);
  const database = await openLockedDatabase({
    ...job.database,
    folder: process.cwd(),
    files: job.format === 'parquet' ? job.files.map(({ file }) => file) : [],
  });
  const connection = await database.connect();
  const staging = new CatalogStaging(connection);
  const imageRows = new ImageRows(job, staging);
  const rows = new CatalogRows(staging, imageRows);
  await staging.open();
  // A connection of its own: rows are staged while the catalog's result is still open.
  const source = await database.connect();
  const report = (): void => {
    reportRows(rows.count);
  };
  const timer = setInterval(report, REPORT_EVERY_MS);
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
  clearInterval(timer);
  report();
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

serveProcess(parseJob, parse);
