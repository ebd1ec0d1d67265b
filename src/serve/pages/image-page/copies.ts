/** The other images with the same bytes. */
import { countText } from '../../../contract/quantities';
import { literal } from '../../../duckdb/sql-text';
import type { Row } from '../../../report/ask';
import { queryDetails } from '../../../report/html/answer-table';
import { html } from '../../../report/html/html';
import { ask } from '../../images/image-lists';
import { imagesLink } from '../../images/image-query';
import type { OpenSnapshot } from '../../snapshot/open-snapshot';
import { pictureList } from '../picture';
import { textIn } from './image-facts';
import { failedSearch, type Related } from './related';

/** The pictures that are shown. */
const PICTURES = 12;

/** @returns null for an image without copies. */
export async function findCopies(snapshot: OpenSnapshot, image: Row): Promise<Related | null> {
  const sha256 = textIn(image, 'thumb_sha256');
  if (sha256 === null) return null;
  const answer = await ask(
    snapshot,
    `SELECT source_image_id, count(*) OVER ()::INTEGER AS images FROM image
WHERE thumb_sha256 = ${literal(sha256)} AND source_image_id <> ${literal(String(image.source_image_id))}
ORDER BY record, source_image_id LIMIT ${PICTURES}`,
  );
  if ('problem' in answer) return failedSearch('copies', 'Copies', answer);
  const { rows } = answer;
  if (rows.length === 0) return null;
  const images = countText(Number(rows[0]?.images ?? 0), 'other image');
  const pictures = rows.map((row) => ({
    id: String(row.source_image_id),
    title: null,
    note: null,
    sha256,
  }));
  const section = html`<section aria-labelledby="copies">
    <h2 id="copies">Copies</h2>
    <p><a href="${imagesLink({ filters: { sha256 } })}">${images}</a> with the same bytes.</p>
    ${pictureList(pictures, 'Images with the same bytes')} ${queryDetails(answer)}
  </section>`;
  return { anchor: 'copies', text: `${images} with the same bytes`, section };
}
