/** Other images that an image has something in common with. */
import type { Question } from '../../../report/ask';
import { unanswered } from '../../../report/html/answer-table';
import { html, join, type Markup } from '../../../report/html/html';

/** A section of the page with other images, and the link to it that stands beside the picture. */
export interface Related {
  readonly anchor: string;
  /** The text of the link. */
  readonly text: string;
  readonly section: Markup;
}

/** A search that failed, which must not look like one that found nothing. */
export function failedSearch(
  anchor: string,
  title: string,
  failed: Question & { readonly problem: string },
): Related {
  const section = html`<section aria-labelledby="${anchor}">
    <h2 id="${anchor}">${title}</h2>
    ${unanswered(failed, failed.problem)}
  </section>`;
  return { anchor, text: `${title}: not known`, section };
}

/** Links to the sections further down, shown beside the picture. */
export function relatedLinks(related: readonly Related[]): Markup {
  if (related.length === 0)
    return html`<p class="quiet">No copies or similar pictures of this image are known.</p>`;
  const items = related.map(
    ({ anchor, text }) => html`<li><a class="chip" href="#${anchor}">${text}</a></li> `,
  );
  return html`<ul class="chips" aria-label="Images like this one">
    ${join(items)}
  </ul>`;
}
