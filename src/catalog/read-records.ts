/** Reads the records of one file of a catalog with the reader of its format. */
import type { CatalogReading } from './catalog-reading';
import { readCsvCatalog } from './csv/read-csv-catalog';
import { readDarwinCore } from './darwin-core/read-darwin-core';
import { readIiifCatalog } from './iiif/read-iiif-catalog';
import { readJsonCatalog } from './json/read-json-catalog';
import { readUrlList } from './text/read-url-list';

/**
 * @param readParquet the reader of Parquet, which needs a database.
 * @throws StepError `catalog_columns`, `catalog_format`, `input`; ReadingEnded.
 */
export function readRecords(
  reading: CatalogReading,
  readParquet: (reading: CatalogReading) => Promise<void>,
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
      return readDarwinCore(reading);
    case 'txt':
      throw new Error('the text format was not decided');
  }
}
