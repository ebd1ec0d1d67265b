/** The frame of every page. */
import { foreign, html, join, NOTHING, type Markup } from '../../report/html/html';
import { moment } from '../../report/html/run-facts';
import type { OpenSnapshot } from '../snapshot/open-snapshot';

export interface PageOptions {
  readonly title: string;
  /** The address of the entry of the navigation that is shown as the present one. */
  readonly place: string;
  readonly snapshot: OpenSnapshot | null;
  /** Why the published file cannot be read; null when it can, or there is none. */
  readonly problem: string | null;
  readonly body: Markup;
  /** True for a page that uses the whole width. */
  readonly isWide?: boolean;
  /** Scripts of the page, by their addresses. */
  readonly scripts?: readonly string[];
}

const PLACES = [
  ['/', 'Overview'],
  ['/images', 'Images'],
  ['/groups', 'Groups'],
  ['/quality', 'Quality'],
  ['/models', 'Models'],
  ['/tables', 'Tables'],
  ['/sql', 'SQL'],
  ['/runs', 'Runs'],
] as const;

export function page(options: PageOptions): string {
  const { title, body, isWide, scripts = [] } = options;
  const sources = scripts.map((one) => html`<script type="module" src="${one}"></script> `);
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · artemis-pipeline</title>
        <link rel="icon" href="/assets/icon.svg" />
        <link rel="stylesheet" href="/assets/style.css" />
        ${join(sources)}
      </head>
      <body class="${isWide === true ? 'wide' : ''}">
        <a class="skip" href="#content">Skip to the content</a>
        <header class="top">${navigation(options)} ${age(options)}</header>
        <main id="content" tabindex="-1">${problemNote(options)}${body}</main>
      </body>
    </html> `.text;
}

function navigation({ place }: PageOptions): Markup {
  const links = PLACES.map(([address, name]) =>
    address === place
      ? html`<li><a href="${address}" aria-current="page">${name}</a></li> `
      : html`<li><a href="${address}">${name}</a></li> `,
  );
  return html`<nav aria-label="Pages">
    <ul>
      ${join(links)}
    </ul>
  </nav>`;
}

/** A page of a problem has no place, and says nothing of the snapshot. */
function age({ snapshot, place }: PageOptions): Markup {
  if (place === '') return NOTHING;
  if (snapshot === null) return html`<p class="age">no snapshot</p>`;
  return html`<p class="age">
    <span class="age-long">Snapshot of </span
    ><time datetime="${snapshot.publishedAt}">${moment(snapshot.publishedAt)}</time>
  </p>`;
}

function problemNote({ problem, snapshot }: PageOptions): Markup {
  if (problem === null) return NOTHING;
  const rest =
    snapshot === null
      ? ' The next publication of a run replaces it.'
      : ' This page shows the snapshot before it.';
  return html`<p class="note bad" role="status">
    The published snapshot cannot be read: ${foreign(problem, 600)}${rest}
  </p>`;
}

/** A page that says why there is nothing else on it. */
export function problemBody(title: string, message: string): Markup {
  return html`<h1>${title}</h1>
    <p>${message}</p>
    <p><a href="/">To the overview</a></p>`;
}
