/** Pictures in pages that the server makes. */
import { createHash } from 'node:crypto';
import { foreign, html, join, type Markup } from '../../report/html/html';

export interface Picture {
  readonly id: string;
  readonly title: string | null;
  /** Null for an image without a file. */
  readonly sha256: string | null;
  /** A few words below the picture; null for none. */
  readonly note: string | null;
}

/** A longer address than this, in characters, names the digest of the id in place of the id. */
const MOST_ADDRESS_WITH_ID = 3_000;

/** Every id of fewer bytes has a shorter address: at most three characters for each of them. */
export const LEAST_BYTES_OF_LONG_ID = 900;

/**
 * Ids may contain anything, `..` included, so they are a parameter and no part of the path. They
 * may also be longer than any address can be.
 */
export function imageLink(id: string): string {
  const address = `/image?id=${encodeURIComponent(id)}`;
  if (address.length <= MOST_ADDRESS_WITH_ID) return address;
  return `/image?digest=${createHash('sha256').update(id).digest('hex')}`;
}

export function fileLink(sha256: string): string {
  return `/file/${sha256}`;
}

/** @param side the longest side in pixels; by default that of the pictures of a grid. */
export function previewLink(sha256: string, side?: number): string {
  return side === undefined ? `/preview/${sha256}` : `/preview/${sha256}?size=${side}`;
}

export function pictureList(pictures: readonly Picture[], label: string): Markup {
  return html`<ul class="strip" aria-label="${label}">
    ${join(pictures.map(pictureMarkup))}
  </ul>`;
}

function pictureMarkup({ id, title, sha256, note }: Picture): Markup {
  const shown =
    sha256 === null
      ? html`<span class="no-picture">no file</span>`
      : html`<img src="${previewLink(sha256)}" alt="" loading="lazy" decoding="async" />`;
  return html`<li>
    <a class="tile" href="${imageLink(id)}">
      ${shown} <span class="tile-name">${foreign(title ?? id, 80)}</span>
      ${note === null ? '' : html`<span class="tile-note">${note}</span>`}
    </a>
  </li> `;
}
