/** Recognises the formats of catalogs by the extensions of file names. */
import type { CatalogFormat } from '../run-input';

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
 * Returns the format that the extension of a file's name stands for, or null if the extension is
 * not known. For `works.csv.gz` it is `csv`, because compression is recognised by content.
 */
export function formatByExtension(name: string): CatalogFormat | null {
  const extension =
    name
      .toLowerCase()
      .replace(/\.(?:gz|zst|zstd|zip)$/, '')
      .split('.')
      .at(-1) ?? '';
  return BY_EXTENSION[extension] ?? null;
}

/**
 * Whether the extension of a file's name stands for the format, or for the format that it is
 * written in.
 */
export function isNamedAs(name: string, format: string | null): boolean {
  return formatByExtension(name) === (format === 'iiif' ? 'json' : format);
}
