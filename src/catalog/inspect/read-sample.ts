/** Reads the first records of a catalog through the readers of a run. */
import type { ParseJob } from '../../processes/process-messages';
import { ColumnList } from '../column-list';
import { ReadingEnded, type CatalogReading } from '../catalog-reading';
import type { CsvLayout } from '../csv/choose-dialect';
import { readCsvCatalog } from '../csv/read-csv-catalog';
import { readJsonCatalog } from '../json/read-json-catalog';
import { ImageRows } from '../records/image-rows';
import { readUrlList } from '../text/read-url-list';
import { RecordSample, type SampleSize } from './record-sample';

export interface Sample {
  readonly job: ParseJob;
  readonly columns: ColumnList;
  readonly rows: RecordSample;
  /** Whether these are all records of the catalog. */
  readonly isWhole: boolean;
  /** Of CSV and TSV. */
  readonly layout: CsvLayout | null;
}

/**
 * @param job names the columns that are asked for; without any, the columns need not be known.
 * @throws StepError `catalog_columns`, `catalog_format`, `input`, as the run's own reading does.
 */
export async function readSample(job: ParseJob, size: SampleSize): Promise<Sample> {
  const columns = new ColumnList();
  const rows = new RecordSample(size);
  const imageRows = new ImageRows(job, columns);
  let layout: CsvLayout | null = null;
  const onLayout = (found: CsvLayout): void => {
    layout ??= found;
  };
  let isWhole = true;
  try {
    for (const [index, { file, name }] of job.files.entries()) {
      const ofFile = { ...job, name: job.files.length > 1 ? name : job.name };
      await read({ job: ofFile, file, index, staging: columns, rows, imageRows, onLayout });
    }
  } catch (error) {
    if (!(error instanceof ReadingEnded)) throw error;
    isWhole = false;
  }
  return { job, columns, rows, isWhole, layout };
}

async function read(reading: CatalogReading): Promise<void> {
  switch (reading.job.format) {
    case 'parquet': {
      // Loading DuckDB takes longer than most inspections.
      const { readParquetSample } = await import('./read-parquet-sample.js');
      return readParquetSample(reading);
    }
    case 'csv':
    case 'tsv':
      return readCsvCatalog(reading);
    case 'json':
    case 'ndjson':
      return readJsonCatalog(reading);
    case 'urls':
      return readUrlList(reading);
    case 'txt':
      throw new Error('the text format was not decided');
  }
}
