/** The row of the catalog, of which a value leads to the images with the same. */
import { amountText } from '../../../contract/quantities';
import type { Answer } from '../../../report/ask';
import { queryDetails, unanswered } from '../../../report/html/answer-table';
import { foreign, html, join, NOTHING, type Markup } from '../../../report/html/html';
import { imagesLink } from '../../images/image-query';

/** The longest text of a column of the catalog that is shown, in characters. */
const MOST_TEXT = 2_000;

/** The longest text that leads to the images with the same, in UTF-16 units. */
const MOST_LINKED = 120;

/** The most columns of the catalog that are shown. */
const MOST_COLUMNS = 200;

export function catalogMarkup(catalog: Answer): Markup {
  const heading = html`<h2 id="catalog">In the catalog</h2>`;
  if ('problem' in catalog)
    return html`<section aria-labelledby="catalog">
      ${heading} ${unanswered(catalog, catalog.problem)}
    </section>`;
  const [row] = catalog.rows;
  if (row === undefined)
    return html`<section aria-labelledby="catalog">
      ${heading}
      <p>The catalog that was merged last does not have this image.</p>
    </section>`;
  const columns = Object.entries(row).filter(
    ([name, value]) => value !== null && value !== '' && name !== 'source_image_id',
  );
  const pairs = columns.slice(0, MOST_COLUMNS).map(
    ([name, value]) =>
      html`<dt>${foreign(name, 100)}</dt>
        <dd>${columnValue(name, String(value))}${cutNote(String(value))}</dd> `,
  );
  return html`<section aria-labelledby="catalog">
    ${heading}
    <dl class="facts">${join(pairs)}</dl>
    ${
      columns.length > MOST_COLUMNS
        ? html`<p>
            The first ${MOST_COLUMNS} of ${amountText(columns.length)} columns; the query returns
            all.
          </p>`
        : NOTHING
    }
    ${queryDetails(catalog)}
  </section>`;
}

/** A value leads to the images that have it. Long texts and numbers of rows are of one image. A
 * name that is as long may not fit into an address. */
function columnValue(column: string, value: string): Markup {
  const shown = foreign(value, MOST_TEXT);
  if (column === 'record' || Math.max(column.length, value.length) > MOST_LINKED) return shown;
  const columns = [{ column, value }];
  return html`<a class="value" href="${imagesLink({ columns, by: column })}">${shown}</a>`;
}

function cutNote(text: string): Markup {
  if (text.length <= MOST_TEXT) return NOTHING;
  return html` <span class="quiet">(the beginning of ${amountText(text.length)} characters)</span>`;
}
