/**
 * The demo's catalog: the Tate's, in which the URL of every thumbnail points to the origin on
 * loopback.
 */
import { gzipSync } from 'node:zlib';
import path from 'node:path';
import { dataRootPaths } from '../files/data-root';
import { writeFileAtomically } from '../files/write-file-atomically';
import { readTateRows } from './tate-rows';

/** The path below the data root. */
export const DEMO_CATALOG = 'catalogs/tate_demo.csv.gz';

/** Writes the catalog. Rows without a URL keep none. The same port gives the same bytes. */
export async function writeDemoCatalog(dataRoot: string, port: number): Promise<void> {
  const lines: string[] = [];
  let url = -1;
  let id = -1;
  for await (const row of readTateRows()) {
    if (url === -1) {
      url = row.indexOf('thumbnailUrl');
      id = row.indexOf('id');
      lines.push(csvLine(row));
      continue;
    }
    const local = `http://127.0.0.1:${port}/thumbs/${encodeURIComponent(row[id] ?? '')}.jpg`;
    lines.push(
      csvLine(row.map((field, index) => (index === url && field.trim() !== '' ? local : field))),
    );
  }
  const file = path.join(dataRootPaths(dataRoot).root, DEMO_CATALOG);
  writeFileAtomically({ root: dataRoot, path: file, content: gzipSync(lines.join('')) });
}

/** @see RFC 4180 */
function csvLine(fields: readonly string[]): string {
  const quoted = fields.map((field) =>
    /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field,
  );
  return `${quoted.join(',')}\r\n`;
}
