/** The images that differ from one in a few bits of their hashes. */
import { MIN_QUALITY, NEAR } from '../../../contract/derived/nearness';
import { countText } from '../../../contract/quantities';
import { literal } from '../../../duckdb/sql-text';
import type { Row } from '../../../report/ask';
import { queryDetails } from '../../../report/html/answer-table';
import { html } from '../../../report/html/html';
import { ask } from '../../images/image-lists';
import type { OpenSnapshot } from '../../snapshot/open-snapshot';
import { pictureList } from '../picture';
import { textIn } from './image-facts';
import { failedSearch, type Related } from './related';

/** The pictures that are shown. */
const PICTURES = 12;

/**
 * Near duplicates as the step `clusters` defines them.
 *
 * @returns null where there are none, or no features.
 */
export async function findNearDuplicates(
  snapshot: OpenSnapshot,
  image: Row,
): Promise<Related | null> {
  const sha256 = textIn(image, 'thumb_sha256');
  if (sha256 === null || !snapshot.relations.has('feature')) return null;
  const bits = [0, 1, 2, 3].map((n) => `bit_count(xor(f.pdq_${n}, o.pdq_${n}))`).join(' + ');
  const answer = await ask(
    snapshot,
    `SELECT i.source_image_id, i.thumb_sha256 AS sha256, bit_count(xor(f.phash, o.phash))::INTEGER AS bits,
  count(*) OVER ()::INTEGER AS images
FROM feature o JOIN feature f ON f.sha256 <> o.sha256 JOIN image i ON i.thumb_sha256 = f.sha256 AND i.state = 'stored'
WHERE o.sha256 = ${literal(sha256)} AND bit_count(xor(f.phash, o.phash)) <= ${NEAR.phash} AND ${bits} <= ${NEAR.pdq}
  AND f.pdq_quality >= ${MIN_QUALITY} AND o.pdq_quality >= ${MIN_QUALITY}
ORDER BY bits, i.record, i.source_image_id LIMIT ${PICTURES}`,
  );
  if ('problem' in answer) return failedSearch('near', 'Near duplicates', answer);
  const { rows } = answer;
  if (rows.length === 0) return null;
  const images = Number(rows[0]?.images ?? 0);
  const pictures = rows.map((row) => ({
    id: String(row.source_image_id),
    title: null,
    sha256: String(row.sha256),
    note: `${countText(Number(row.bits), 'bit')} apart`,
  }));
  const section = html`<section aria-labelledby="near">
    <h2 id="near">Near duplicates</h2>
    <p>
      ${countText(images, 'image')} of other bytes, whose perceptual hash differs in at most
      ${NEAR.phash} of 64 bits: another size, another compression, or a small change.
    </p>
    ${pictureList(pictures, 'Images that look like copies')} ${queryDetails(answer)}
  </section>`;
  return { anchor: 'near', text: countText(images, 'near duplicate'), section };
}
