/** `/images`: the grid, with its search, order and filters. The script fills the grid. */
import { queryDetails } from '../../report/html/answer-table';
import { literal } from '../../duckdb/sql-text';
import {
  cutText,
  exactly,
  foreign,
  html,
  join,
  NOTHING,
  type Markup,
} from '../../report/html/html';
import { ask, sqlOf } from '../images/image-lists';
import { addressOf, orderNames, ORDERS, type ImageQuery } from '../images/image-query';
import { questionOf } from '../sql/sql-link';
import type { OpenSnapshot } from '../snapshot/open-snapshot';
import { chips } from './chips';
import { imageLink } from './picture';
import { selectionLink } from './selection';

export async function imagesBody(snapshot: OpenSnapshot, query: ImageQuery): Promise<Markup> {
  return html`<h1 class="visually-hidden">Images</h1>
    ${searchForm(snapshot, query)} ${chips(query)} ${await namedMarkup(snapshot, query)}
    <div class="gallery">
      <aside aria-label="Filters">
        <details class="filters" open>
          <summary>Filters</summary>
          ${columnForm(snapshot, query)}
          <div id="facets" data-query="${addressOf(query)}">
            <p class="quiet">Counting …</p>
          </div>
          ${queryDetails(questionOf(sqlOf(snapshot, query)))}
        </details>
      </aside>
      <div class="grid-side">
        <div class="grid-bar">
          <output id="position" aria-live="polite">Loading …</output>
          <a href="${selectionLink(query)}">Save or download these images</a>
          <form id="jump">
            <label>Go to image <input name="at" type="number" min="1" inputmode="numeric" /></label>
            <button>Go</button>
          </form>
        </div>
        <p id="grid-note" class="note" role="status" hidden></p>
        <div id="grid" role="grid" aria-label="Images" data-query="${addressOf(query)}">
          <div id="room" role="rowgroup"></div>
        </div>
        <noscript>
          <p class="note">
            The grid needs the script of this page. Without it, the SQL among the filters lists
            these images.
          </p>
        </noscript>
      </div>
    </div>`;
}

/**
 * Links to the images whose id is the text that was searched for. The search itself may find many
 * more, whose ids or columns contain it.
 */
async function namedMarkup(snapshot: OpenSnapshot, { text }: ImageQuery): Promise<Markup> {
  if (text === '') return NOTHING;
  const answer = await ask(
    snapshot,
    `SELECT source_image_id AS id FROM serving.image_row
WHERE source_image_id = ${literal(text)} OR catalog_id = ${literal(text)} ORDER BY row LIMIT 3`,
  );
  const links = ('rows' in answer ? answer.rows : []).map(
    ({ id }) => html`<a href="${imageLink(String(id))}">${foreign(String(id), 100)}</a> `,
  );
  return links.length === 0 ? NOTHING : html`<p>The image with this id: ${join(links)}</p>`;
}

/** The most columns of the catalog that are offered, and the most characters of their names. */
const MOST_COLUMNS = 300;
const MOST_NAME = 60;

/** Counts the values of a column of the catalog beside the images, each of which is a filter. */
function columnForm({ catalogColumns }: OpenSnapshot, query: ImageQuery): Markup {
  if (catalogColumns.length === 0) return NOTHING;
  const options = catalogColumns
    .slice(0, MOST_COLUMNS)
    .map((name) => option(name, cutText(name, MOST_NAME), name === query.by));
  return html`<form action="/images" autocomplete="off">
    ${keptFields({ ...query, by: null })}
    <label
      ><span>Count by a column of the catalog</span>
      <select name="by">
        ${option('', 'none', query.by === null)} ${join(options)}
      </select></label
    >
    <noscript><button>Count</button></noscript>
  </form>`;
}

function option(value: string, title: string, isSelected: boolean): Markup {
  const selected = isSelected ? html` selected` : NOTHING;
  return html`<option value="${exactly(value)}" ${selected}>${title}</option> `;
}

/** The parameters of the address that the fields of a form do not have. */
function keptFields(query: ImageQuery): Markup {
  const kept = [...new URLSearchParams(addressOf(query))].map(
    ([name, value]) =>
      html`<input type="hidden" name="${exactly(name)}" value="${exactly(value)}" /> `,
  );
  return join(kept);
}

function searchForm({ relations }: OpenSnapshot, query: ImageQuery): Markup {
  const { text, order } = query;
  const options = orderNames()
    .filter((name) => ORDERS[name].ofFeatures !== true || relations.has('feature'))
    .map((name) => option(name, ORDERS[name].title, name === order));
  return html`<form class="search" role="search" action="/images" autocomplete="off">
    ${keptFields({ ...query, text: '', order: 'catalog' })}
    <label class="grow"
      ><span>Search the catalog</span>
      <input name="q" type="search" value="${exactly(text)}" maxlength="200" placeholder="Any word"
    /></label>
    <label
      ><span>Order</span>
      <select name="sort">
        ${join(options)}
      </select></label
    >
    <button>Show</button>
  </form>`;
}
