/** `/selection`: the images of a query, to save as a file or to download by a run. */
import { artemisCommand, collectionOption } from '../../contract/commands/printed-command';
import { amountText, countText } from '../../contract/quantities';
import { numberIn, type Answer, type Row } from '../../report/ask';
import { queryDetails, unanswered } from '../../report/html/answer-table';
import { foreign, html, join, NOTHING, type Markup } from '../../report/html/html';
import { ask, countsSql } from '../images/image-lists';
import { addressOf, imagesLink, type ImageQuery } from '../images/image-query';
import type { OpenSnapshot } from '../snapshot/open-snapshot';
import { chips } from './chips';

export async function selectionBody(
  snapshot: OpenSnapshot,
  query: ImageQuery,
  dataRoot: string,
): Promise<Markup> {
  const counts = await ask(snapshot, countsSql(snapshot, query));
  if (!('rows' in counts)) return unanswered(counts, counts.problem);
  const images = counts.rows.reduce((sum, row) => sum + numberIn(row, 'images'), 0);
  return html`<h1>${countText(images, 'image')} to use elsewhere</h1>
    ${chips(query)}
    <p><a href="${imagesLink(query)}">Back to the pictures</a></p>
    ${filesMarkup(query)} ${runsMarkup(counts, query, dataRoot)} ${queryDetails(counts)}`;
}

function filesMarkup(query: ImageQuery): Markup {
  const link = (file: string, text: string): Markup =>
    html`<a class="button" href="${withQuery(`/api/images.${file}`, query)}">${text}</a> `;
  return html`<section aria-labelledby="files">
    <h2 id="files">Save the list</h2>
    <p class="actions">
      ${link('csv', 'CSV')} ${link('ndjson', 'JSON, one object a line')}
      ${link('parquet', 'Parquet')}
    </p>
    <p>
      Each row is an image with everything that is known of it and its columns of the catalog, in
      the order of the catalog. CSV is made for spreadsheets: a text that begins with
      <code>=</code>, <code>+</code>, <code>-</code> or <code>@</code> has an apostrophe before it,
      so that it is not run as a formula. JSON and Parquet have every value as it is.
    </p>
  </section>`;
}

/** The name that the browser gives the file of ids, unless it has one of that name already. */
const ID_FILE = 'ids.ndjson';

function runsMarkup(counts: Answer, query: ImageQuery, dataRoot: string): Markup {
  const rows = 'rows' in counts ? counts.rows : [];
  const items = rows.flatMap((row) => commandsOf(row, dataRoot));
  return html`<section aria-labelledby="runs">
    <h2 id="runs">Download these images</h2>
    ${
      items.length === 0
        ? html`<p>None of these images has a URL and is in its catalog, so no run can get them.</p>`
        : html`<p>
              First save the ids as
              <a href="${withQuery('/api/ids.ndjson', query)}">${ID_FILE}</a>. Then, in the folder
              of that file:
            </p>
            <ul>
              ${join(items)}
            </ul>
            <p class="quiet">
              A run takes only images of its collection, and only those in the states that its
              command names. Images without a URL, or no longer in the catalog, are left out.
            </p>`
    }
  </section>`;
}

/** What a run may do with the images of one collection. */
function commandsOf(row: Row, dataRoot: string): readonly Markup[] {
  const name = row.collection == null ? null : String(row.collection);
  const of = name === null ? NOTHING : html` of the collection ${foreign(name)}`;
  const ways = [
    ['open', 'not stored yet, or failed for a reason that may pass', ''],
    ['permanent', 'failed for good, to be asked for again', ' --select failed'],
    ['stored', 'stored; their hosts are asked whether they have changed', ' --select all'],
  ] as const;
  return ways
    .filter(([column]) => numberIn(row, column) > 0)
    .map(([column, meaning, select]) => {
      const words = `run --only ${ID_FILE} --steps download,publish${select}${collectionOption(name)}`;
      return html`<li>
        ${amountText(numberIn(row, column))}${of} ${meaning}:
        <pre>${artemisCommand(words, dataRoot)}</pre>
      </li> `;
    });
}

function withQuery(address: string, query: ImageQuery): string {
  const parameters = addressOf(query);
  return parameters === '' ? address : `${address}?${parameters}`;
}

/** The address of this page for the images of a query. */
export function selectionLink(query: ImageQuery): string {
  return withQuery('/selection', query);
}
