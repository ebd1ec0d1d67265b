/** Explains that an id has no image. */
import { literal } from '../../duckdb/sql-text';
import type { OpenSnapshot } from '../snapshot/open-snapshot';
import { ask } from './image-lists';

/** The id may come from a table of rows of the catalog that were not taken. */
export async function whyThereIsNoImage(snapshot: OpenSnapshot, id: string): Promise<string> {
  const rejects = await ask(
    snapshot,
    `SELECT code, detail FROM catalog_reject WHERE source_image_id = ${literal(id.replaceAll('\0', ''))}
ORDER BY record DESC LIMIT 1`,
  );
  const [reject] = 'rows' in rejects ? rejects.rows : [];
  if (reject === undefined) return 'The snapshot has no image with this id.';
  const reason = [reject.code, reject.detail].filter((one) => one != null).join(': ');
  return `The row of the catalog with this id was not taken, so it is no image (${reason}).`;
}
