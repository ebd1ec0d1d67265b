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

/** The file that describes a Darwin Core archive. */
export const METAFILE = 'meta.xml';

/** The formats in which the tables of an archive are written. */
const TABLES: ReadonlySet<CatalogFormat | null> = new Set(['csv', 'tsv', 'txt']);

/**
 * The names of the files of an unpacked Darwin Core archive: the metafile and all tables. Null when
 * the names are those of another folder.
 */
export function unpackedArchive(names: readonly string[]): readonly string[] | null {
  if (!names.includes(METAFILE)) return null;
  return names.filter((name) => name === METAFILE || TABLES.has(formatByExtension(name)));
}
