/** Which image the address of a page means. */
import { literal } from '../../duckdb/sql-text';
import { LEAST_BYTES_OF_LONG_ID } from '../pages/picture';
import type { OpenSnapshot } from '../snapshot/open-snapshot';

/**
 * @param parameters `id`, or the `digest` of an id that is too long for an address.
 * @returns null for what no id can be, and for a digest that no id has.
 */
export async function wantedId(
  snapshot: OpenSnapshot,
  parameters: URLSearchParams,
): Promise<string | null> {
  const digest = parameters.get('digest');
  if (digest === null) {
    const id = parameters.get('id') ?? '';
    return id.includes('\0') ? null : id;
  }
  if (!/^[0-9a-f]{64}$/.test(digest)) return null;
  // Only few ids are long, so few digests are computed.
  const [row] = await snapshot.rows(
    `SELECT source_image_id AS id FROM serving.image_row
WHERE strlen(source_image_id) >= ${LEAST_BYTES_OF_LONG_ID} AND sha256(source_image_id) = ${literal(digest)} LIMIT 1`,
  );
  return row === undefined ? null : String(row.id);
}
