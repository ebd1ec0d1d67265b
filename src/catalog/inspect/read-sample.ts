/** Reads the first records of a catalog through the readers of a run. */
import type { ParseJob } from '../../processes/process-messages';
import { ColumnList } from '../column-list';
import { ReadingEnded, type CatalogReading } from '../catalog-reading';
import type { CsvLayout } from '../csv/choose-dialect';
import { filesToRead } from '../darwin-core/archive-files';
import { SampledCoreJoin } from '../darwin-core/core-join';
import { readRecords } from '../read-records';
import { ImageRows } from '../records/image-rows';
import { RecordSample, type SampleSize } from './record-sample';

export interface Sample {
  readonly job: ParseJob;
  readonly columns: ColumnList;
  readonly rows: RecordSample;
  /** Whether these are all records of the catalog. */
  readonly isWhole: boolean;
  /** How the fields of CSV or TSV are separated; null for other formats. */
  readonly layout: CsvLayout | null;
  /** Whether the columns of JSON arrays were named by the first one. */
  readonly hasArrayHeader: boolean;
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
  let hasArrayHeader = false;
  const onArrayHeader = (): void => {
    hasArrayHeader = true;
  };
  let isWhole = true;
  try {
    const files = filesToRead(job);
    for (const [index, { file, name }] of files.entries()) {
      const ofFile = { ...job, name: files.length > 1 ? name : job.name };
      const found = { onLayout, onArrayHeader };
      const reading = { job: ofFile, file, index, staging: columns, rows, imageRows, ...found };
      await readRecords(reading, {
        readParquet,
        openCoreJoin: (_, take) => Promise.resolve(new SampledCoreJoin(take)),
      });
    }
  } catch (error) {
    if (!(error instanceof ReadingEnded)) throw error;
    isWhole = false;
  }
  return { job, columns, rows, isWhole, layout, hasArrayHeader };
}

/** Loading DuckDB takes longer than most inspections, so it is loaded only for Parquet. */
async function readParquet(reading: CatalogReading): Promise<void> {
  const { readParquetSample } = await import('./read-parquet-sample.js');
  return readParquetSample(reading);
}
