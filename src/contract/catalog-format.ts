/** The formats of catalogs, told from the names of files. */
import type { CatalogFormat } from './run-input';

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

/** `works.csv.gz` → `csv`: compression is told by content, so its suffix is skipped. null: the name does not tell. */
export function formatByExtension(name: string): CatalogFormat | null {
  const extension = name.toLowerCase().replace(/\.gz$/, '').split('.').at(-1) ?? '';
  return BY_EXTENSION[extension] ?? null;
}
