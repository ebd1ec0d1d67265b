/** The images that look most like one, of those in its visual group. */
import { literal } from '../../../duckdb/sql-text';
import type { Row } from '../../../report/ask';
import { queryDetails } from '../../../report/html/answer-table';
import { html } from '../../../report/html/html';
import { ask } from '../../images/image-lists';
import { imagesLink } from '../../images/image-query';
import type { OpenSnapshot } from '../../snapshot/open-snapshot';
import { pictureList } from '../picture';
import { failedSearch, type Related } from './related';

/** The pictures that are shown. */
const PICTURES = 14;

/**
 * The most files that are compared. Files that look alike are about as far from the representative
 * of their group (the triangle inequality), so these are compared first.
 */
const MOST_COMPARED = 1_000;

/** @returns null for an image that is in no visual group. */
export async function findLookAlikes(snapshot: OpenSnapshot, image: Row): Promise<Related | null> {
  const isPossible = ['cluster_member', 'feature'].every((name) => snapshot.relations.has(name));
  if (!isPossible || image.thumb_sha256 == null) return null;
  const sha256 = String(image.thumb_sha256);
  const answer = await ask(snapshot, candidatesSql(String(image.source_image_id), sha256));
  if ('problem' in answer) return failedSearch('alike', 'Looks like', answer);
  const { rows } = answer;
  const own = rows.find((row) => row.sha256 === sha256);
  if (own === undefined) return null;
  const look = lookOf(own);
  const nearest = rows
    .filter((row) => row !== own)
    .map((row) => ({ row, distance: squaredDistance(look, lookOf(row)) }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, PICTURES);
  if (nearest.length === 0) return null;
  const pictures = nearest.map(({ row }) => ({
    id: String(row.source_image_id),
    title: null,
    sha256: String(row.sha256),
    note: null,
  }));
  const group = { kind: 'visual', id: String(own.cluster_id) };
  const section = html`<section aria-labelledby="alike">
    <h2 id="alike">Looks like</h2>
    <p>
      The nearest images of <a href="${imagesLink({ group })}">the group that looks alike</a>, the
      nearest first. Others may be in another group.
    </p>
    ${pictureList(pictures, 'Images that look like this one')} ${queryDetails(answer)}
  </section>`;
  return { anchor: 'alike', text: 'Pictures that look like it', section };
}

/** One image of each file of the group. */
function candidatesSql(id: string, sha256: string): string {
  return `WITH own AS (
  SELECT cluster_id, distance FROM cluster_member
  WHERE kind = 'visual' AND source_image_id = ${literal(id)} LIMIT 1)
SELECT m.source_image_id, m.sha256, m.cluster_id, hex(f.look) AS look
FROM cluster_member m JOIN own USING (cluster_id) JOIN feature f USING (sha256)
WHERE m.kind = 'visual' AND f.look IS NOT NULL
QUALIFY row_number() OVER (PARTITION BY m.sha256 ORDER BY m.source_image_id) = 1
ORDER BY m.sha256 <> ${literal(sha256)}, abs(m.distance - own.distance), m.sha256 LIMIT ${MOST_COMPARED}`;
}

/** 64 signed bytes, which the query returns as hexadecimal digits. */
function lookOf(row: Row): Int8Array {
  return new Int8Array(Buffer.from(String(row.look), 'hex'));
}

function squaredDistance(a: Int8Array, b: Int8Array): number {
  return a.reduce((sum, value, at) => sum + (value - (b[at] ?? 0)) ** 2, 0);
}
