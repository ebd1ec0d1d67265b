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
 * @throws StepError `catalog_columns`, `catalog_format`, `input`; ReadingEnded.
 */
export function readRecords(
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
