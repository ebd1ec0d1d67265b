/** Catalogs of real artworks whose thumbnails the demo's origin draws. */
import { readTateRows } from '../../src/demo/tate-rows';

/** The first `count` artworks with a URL: a CSV text of `id,url,artist`. */
export async function tateCatalog(count: number, port: number): Promise<string> {
  const lines: string[] = [];
  let header: readonly string[] = [];
  for await (const row of readTateRows()) {
    if (header.length === 0) {
      header = row;
      continue;
    }
    const field = (name: string): string => row[header.indexOf(name)] ?? '';
    if (field('thumbnailUrl').trim() === '') continue;
    if (lines.length >= count) break;
    const id = field('id');
    const artist = field('all_artists').replaceAll('"', '""');
    lines.push(`${id},http://127.0.0.1:${port}/thumbs/${encodeURIComponent(id)}.jpg,"${artist}"`);
  }
  return `id,url,artist\n${lines.join('\n')}\n`;
}
