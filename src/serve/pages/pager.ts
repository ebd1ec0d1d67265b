/** Links to the page before and after one of several pages. */
import { html, NOTHING, type Markup } from '../../report/html/html';

export interface PagerOptions {
  /** Names the links for people who cannot see them. */
  readonly label: string;
  /** From 1. */
  readonly page: number;
  readonly isLast: boolean;
  /** The address of a page. */
  readonly address: (page: number) => string;
  readonly before: string;
  readonly after: string;
}

/** @returns nothing when there is only one page. */
export function pager({ label, page, isLast, address, before, after }: PagerOptions): Markup {
  if (page === 1 && isLast) return NOTHING;
  const link = (to: number, text: string): Markup =>
    html`<a class="button" href="${address(to)}">${text}</a>`;
  return html`<nav class="actions" aria-label="${label}">
    ${page > 1 ? link(page - 1, before) : NOTHING} ${isLast ? NOTHING : link(page + 1, after)}
  </nav>`;
}
