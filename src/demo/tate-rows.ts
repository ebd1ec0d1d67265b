/** Reads the Tate's catalog that ships with the project. */
import { CsvReader } from '../catalog/csv/csv-reader';
import { readText } from '../catalog/text/text-window';
import { packageFile } from '../files/process/built-file';
import type { Artwork } from './draw-thumbnail';

/** 69,202 artworks, CC0; see catalogs/README.md. */
export const TATE_CATALOG = packageFile('catalogs/tate_artworks.csv.gz');

/** The rows as they are in the file, header first. */
export async function* readTateRows(): AsyncGenerator<readonly string[]> {
  const reader = new CsvReader(
    { delimiter: ',', quote: '"', escape: null },
    'tate_artworks.csv.gz',
  );
  const source = { file: TATE_CATALOG, name: 'tate_artworks.csv.gz', encoding: 'utf-8' };
  for await (const window of readText(source)) {
    for (const { fields } of reader.read(window)) yield fields;
  }
}

/** The artworks by id. */
export async function readArtworks(): Promise<ReadonlyMap<string, Artwork>> {
  const artworks = new Map<string, Artwork>();
  let header: readonly string[] | null = null;
  for await (const row of readTateRows()) {
    header ??= row;
    const field = (name: string): string => row[header?.indexOf(name) ?? -1] ?? '';
    const id = field('id');
    artworks.set(id, {
      id,
      title: field('title'),
      artist: field('all_artists'),
      date: field('dateText'),
    });
  }
  return artworks;
}
