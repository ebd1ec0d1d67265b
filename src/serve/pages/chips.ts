/** The filters in force, each with a link that removes it. */
import { foreign, html, join, NOTHING, type Markup } from '../../report/html/html';
import { filtersOf, imagesLink, type ImageQuery } from '../images/image-query';

export function chips(query: ImageQuery): Markup {
  const filters = filtersOf(query);
  if (filters.length === 0) return NOTHING;
  const items = filters.map(
    ({ title, value, without }) =>
      html`<li>
        <a class="chip" href="${imagesLink(without)}"
          ><span class="visually-hidden">Remove the filter </span>${title}:
          ${value === '' ? 'none' : foreign(value, 60)} <span aria-hidden="true">×</span></a
        >
      </li> `,
  );
  return html`<ul class="chips" aria-label="Filters in force">
    ${join(items)}
  </ul>`;
}
