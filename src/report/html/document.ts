/** The HTML document round the sections. */
import { createHash } from 'node:crypto';
import { html, join, Markup } from './html';
import { STYLE } from './style';

/** A part of the page with a heading, which the list of contents links to. */
export interface Section {
  /** A word of ours, for the link. */
  readonly id: string;
  readonly title: string;
  readonly body: Markup;
}

/**
 * Nothing is loaded, no script runs, pictures are part of the page, and no style applies but its
 * one style sheet. If a text were not escaped by mistake, the browser would display its markup and
 * do nothing else.
 */
const POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; img-src data:; base-uri 'none'; form-action 'none'`;

/** White space around the style sheet would change its hash, which the policy states. */
const STYLE_ELEMENT = Markup.of(`<style>${STYLE}</style>`);

export function documentOf(options: {
  readonly title: string;
  readonly head: Markup;
  readonly sections: readonly Section[];
  readonly foot: Markup;
}): string {
  const { title, head, sections, foot } = options;
  const links = sections.map((one) => html`<li><a href="#${one.id}">${one.title}</a></li> `);
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <title>${title}</title>
        ${STYLE_ELEMENT}
      </head>
      <body>
        <header>
          ${head}
          <nav aria-label="Sections of this report">
            <ul>
              ${join(links)}
            </ul>
          </nav>
        </header>
        <main>${join(sections.map(sectionMarkup))}</main>
        <footer>${foot}</footer>
      </body>
    </html> `.text;
}

export function sectionMarkup({ id, title, body }: Section): Markup {
  return html`<section aria-labelledby="${id}">
    <h2 id="${id}">${title}</h2>
    ${body}
  </section> `;
}
