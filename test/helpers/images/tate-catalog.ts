/** Catalogs of real artworks whose thumbnails the demo's origin draws. */
import { misbehaviourOf } from '../../../src/demo/misbehaviour';
import { readTateRows } from '../../../src/demo/tate-rows';

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

/** The URLs, of the first `count` artworks, that the origin serves without faults. */
export async function faultlessUrls(count: number, port: number): Promise<readonly string[]> {
  const text = await tateCatalog(count, port);
  const found = [...text.matchAll(/http:\/\/[^,\s]*\/thumbs\/([^,\s]*)\.jpg/g)];
  return found.flatMap(([url, id = '']) =>
    misbehaviourOf(decodeURIComponent(id)) === 'none' ? url : [],
  );
}
