/** What a grid shows of each image. */
import { identifier } from '../../duckdb/sql-text';
import { visible } from '../../report/html/html';
import type { Row, Value } from '../../report/ask';
import type { GridImage } from '../json-answers';
import { imageLink } from '../pages/picture';
import type { KnownFiles } from '../files/known-files';
import type { OpenSnapshot } from '../snapshot/open-snapshot';

/** The most images of one answer. */
export const MOST_IMAGES = 200;

/**
 * Reads images by the numbers of their rows, in this order. Files that are found are noted in
 * `files`, so that the requests for their pictures need no search.
 */
export async function readImages(
  snapshot: OpenSnapshot,
  rows: readonly number[],
  files: KnownFiles,
): Promise<readonly GridImage[]> {
  if (rows.length === 0) return [];
  const title = snapshot.titleColumn;
  const titles =
    title === null
      ? 'NULL'
      : `(SELECT any_value(left(c.${identifier(title)}, 200)) FROM catalog_row c WHERE c.source_image_id = i.source_image_id)`;
  const found = await snapshot.rows(
    `SELECT i.row, i.source_image_id, i.state, ${titles} AS title,
       CASE WHEN i.state = 'failed' THEN i.last_error_code END AS code,
       i.thumb_path, i.thumb_sha256, i.thumb_format, i.thumb_bytes, i.thumb_width, i.thumb_height
     FROM serving.image_row i
     WHERE i.row BETWEEN ${Math.min(...rows)} AND ${Math.max(...rows)} AND i.row IN (${rows.join(', ')})`,
  );
  const byRow = new Map(found.map((row) => [Number(row.row), row]));
  return rows.flatMap((number) => {
    const row = byRow.get(number);
    if (row === undefined) return [];
    files.note(row);
    return [asGridImage(row)];
  });
}

function asGridImage(row: Row): GridImage {
  const number = (name: string): number | null => (row[name] == null ? null : Number(row[name]));
  const id = String(row.source_image_id);
  const title = row.title == null || row.title === '' ? null : visible(String(row.title));
  return {
    id,
    address: imageLink(id),
    name: title ?? visible(id.slice(0, 200)),
    title,
    state: String(row.state),
    code: row.code == null ? null : String(row.code),
    sha256: row.thumb_path == null ? null : String(row.thumb_sha256),
    file: row.thumb_path == null ? null : fileText(String(row.thumb_path), row.thumb_format),
    width: number('thumb_width'),
    height: number('thumb_height'),
  };
}

function fileText(path: string, format: Value | undefined): string {
  const name = visible(path.slice(path.lastIndexOf('/') + 1).slice(-60));
  return format == null ? name : `${name} (${String(format)})`;
}
