/** Reads the records of one file of a catalog with the reader of its format. */
import type { CatalogReading } from './catalog-reading';
import { readCsvCatalog } from './csv/read-csv-catalog';
import type { OpenCoreJoin } from './darwin-core/core-join';
import { readDarwinCore } from './darwin-core/read-darwin-core';
import { readIiifCatalog } from './iiif/read-iiif-catalog';
import { readJsonCatalog } from './json/read-json-catalog';
import { readUrlList } from './text/read-url-list';

/** What a run does in its database, and a look at a catalog does with less. */
export interface DatabaseReaders {
  readonly readParquet: (reading: CatalogReading) => Promise<void>;
  /** Joins the tables of a Darwin Core archive. */
  readonly openCoreJoin: OpenCoreJoin;
}

/**
 * Reads all records of the file. What follows a gzip file counts as one rejected row.
 *
 * @throws StepError `catalog_columns`, `catalog_format`, `input`; ReadingEnded.
 */
export async function readRecords(
  reading: CatalogReading,
  readers: DatabaseReaders,
): Promise<void> {
  const { rows } = reading;
  let rest = 0;
  const onRest = (bytes: number): void => {
    rest = bytes;
  };
  await readFormat({ ...reading, onRest }, readers);
  if (rest === 0) return;
  const problem = `${rest} bytes follow the end of the gzip data, and are no gzip: they were not read`;
  rows.reject(rows.next(null), 'bad_row', problem);
}

function readFormat(
  reading: CatalogReading,
  { readParquet, openCoreJoin }: DatabaseReaders,
): Promise<void> {
  switch (reading.job.format) {
    case 'parquet':
      return readParquet(reading);
    case 'csv':
    case 'tsv':
      return readCsvCatalog(reading);
    case 'json':
    case 'ndjson':
      return readJsonCatalog(reading);
    case 'urls':
      return readUrlList(reading);
    case 'iiif':
      return readIiifCatalog(reading);
    case 'dwca':
      return readDarwinCore(reading, openCoreJoin);
    case 'txt':
      throw new Error('the text format was not decided');
  }
}
