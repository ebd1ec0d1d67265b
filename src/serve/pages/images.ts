/** `/images`: the grid, with its search, order and filters. The script fills the grid. */
import { queryDetails } from '../../report/html/answer-table';
import { html, join, type Markup } from '../../report/html/html';
import { sqlOf } from '../images/image-lists';
import { addressOf, orderNames, ORDERS, type ImageQuery } from '../images/image-query';
import { questionOf } from '../sql/sql-link';
import type { OpenSnapshot } from '../snapshot/open-snapshot';
import { chips } from './chips';
import { selectionLink } from './selection';

export function imagesBody(snapshot: OpenSnapshot, query: ImageQuery): Markup {
  return html`<h1 class="visually-hidden">Images</h1>
    ${searchForm(query)} ${chips(query)}
    <div class="gallery">
      <aside aria-label="Filters">
        <details class="filters" open>
          <summary>Filters</summary>
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

function searchForm(query: ImageQuery): Markup {
  const { text, order } = query;
  const options = orderNames().map((name) =>
    name === order
      ? html`<option value="${name}" selected>${ORDERS[name].title}</option> `
      : html`<option value="${name}">${ORDERS[name].title}</option> `,
  );
  const kept = [...new URLSearchParams(addressOf({ ...query, text: '', order: 'catalog' }))].map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" /> `,
  );
  return html`<form class="search" role="search" action="/images" autocomplete="off">
    ${join(kept)}
    <label class="grow"
      ><span>Search the catalog</span>
      <input name="q" type="search" value="${text}" maxlength="200" placeholder="Any word"
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
