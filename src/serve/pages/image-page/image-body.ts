/** `/image?id=…`: everything that is known of one image. */
import { literal } from '../../../duckdb/sql-text';
import type { Answer, Row } from '../../../report/ask';
import { foreign, html, join, type Markup } from '../../../report/html/html';
import { ask } from '../../images/image-lists';
import type { OpenSnapshot } from '../../snapshot/open-snapshot';
import { imageLink } from '../picture';
import { catalogMarkup } from './catalog-values';
import { findCopies } from './copies';
import { featuresMarkup } from './features';
import { factsMarkup } from './image-facts';
import { issuesMarkup } from './issues';
import { largePicture } from './large-picture';
import { findLookAlikes } from './look-alikes';
import { findNearDuplicates } from './near-duplicates';
import { outcomesMarkup } from './outcomes';
import { relatedLinks } from './related';

/** @returns null when there is no such image. */
export async function imageBody(
  snapshot: OpenSnapshot,
  id: string,
  dataRoot: string,
): Promise<Markup | null> {
  const [image] = await snapshot.rows(
    `SELECT * FROM serving.image_row WHERE source_image_id = ${literal(id)} LIMIT 1`,
  );
  if (image === undefined) return null;
  // The snapshot answers two queries at a time.
  const [catalog, neighbours, issues, features, outcomes, ...found] = await Promise.all([
    ask(snapshot, `SELECT * FROM catalog_row WHERE source_image_id = ${literal(id)} LIMIT 1`),
    neighbourLinks(snapshot, Number(image.row)),
    issuesMarkup(snapshot, id),
    featuresMarkup(snapshot, image, dataRoot),
    outcomesMarkup(snapshot, id),
    findCopies(snapshot, image),
    findNearDuplicates(snapshot, image),
    findLookAlikes(snapshot, image),
  ]);
  const related = found.filter((one) => one !== null);
  const title = titleOf(snapshot, catalog);
  return html`${neighbours}
    <h1>${foreign(title ?? id, 300)}</h1>
    <div class="split">
      <div>${largePicture(image, title ?? id)} ${relatedLinks(related)} ${issues}</div>
      <div>${factsMarkup(image, dataRoot)}</div>
    </div>
    ${catalogMarkup(catalog)} ${features} ${outcomes} ${join(related.map(({ section }) => section))}`;
}

function titleOf({ titleColumn }: OpenSnapshot, catalog: Answer): string | null {
  if (titleColumn === null || !('rows' in catalog)) return null;
  const value = catalog.rows[0]?.[titleColumn];
  return value == null || value === '' ? null : String(value);
}

/** The images before and after it, and its place in the grid of all. */
async function neighbourLinks(snapshot: OpenSnapshot, row: number): Promise<Markup> {
  const answer = await ask(
    snapshot,
    `SELECT row, source_image_id AS id FROM serving.image_row WHERE row IN (${Math.max(0, row - 1)}, ${row + 1})`,
  );
  const rows = 'rows' in answer ? answer.rows : [];
  const link = (at: number, text: string): Markup => linkTo(rows, at, text);
  return html`<nav aria-label="Other images">
    <ul class="neighbours">
      ${link(row - 1, '← Before')}
      <li><a href="/images#${row + 1}">Among all images</a></li>
      ${link(row + 1, 'After →')}
    </ul>
  </nav>`;
}

function linkTo(rows: readonly Row[], row: number, text: string): Markup {
  const found = rows.find((one) => Number(one.row) === row);
  if (found === undefined) return html`<li class="quiet">${text}</li> `;
  return html`<li><a href="${imageLink(String(found.id))}">${text}</a></li> `;
}
