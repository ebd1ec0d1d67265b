/** The catalog's format, told from its name when the input does not say. */
import { StepError } from '../contract/errors';
import { CATALOG_FORMATS, type CatalogFormat } from '../contract/run-input';

const BY_EXTENSION: Readonly<Record<string, CatalogFormat>> = {
  csv: 'csv',
  tsv: 'tsv',
  tab: 'tsv',
  ndjson: 'ndjson',
  jsonl: 'ndjson',
  json: 'json',
  parquet: 'parquet',
  txt: 'txt',
};

/**
 * `works.csv.gz` → `csv`; the compression is told by content, so its suffix is only skipped.
 *
 * **Errors** StepError `input` when the name does not tell.
 */
export function formatFromName(catalog: string): CatalogFormat {
  const extension = catalog.toLowerCase().replace(/\.gz$/, '').split('.').at(-1) ?? '';
  const format = BY_EXTENSION[extension];
  if (format !== undefined) return format;
  throw new StepError(
    'input',
    `The format of the catalog "${catalog}" cannot be told from its name. Add "format": one of ${CATALOG_FORMATS.join(', ')}.`,
  );
}
