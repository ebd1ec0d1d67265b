/** Pictures in a report: the page is made with a place for each, which gets its picture last. */
import { html, type Markup } from './html';

/** The longest side of a picture, in CSS pixels and in pixels of the file. */
export const THUMBNAIL_SIDE = 96;

/** In front of the sha256 of the file whose picture comes to this place. */
const SCHEME = 'thumbnail:';

/** Texts of a catalog have no quotation marks in markup, so none of them looks like a place. */
const PLACE = /<img\s+class="thumbnail"\s+src="thumbnail:([0-9a-f]{64})"\s+alt="([^"]*)"[^>]*>/g;

/**
 * A place for the picture of a file.
 *
 * @param sha256 of the stored file, as 64 hexadecimal digits.
 * @param name what the picture shows, for those who do not see it.
 */
export function thumbnailPlace(sha256: string, name: string): Markup {
  const size = html`width="${THUMBNAIL_SIDE}" height="${THUMBNAIL_SIDE}"`;
  return html`<img class="thumbnail" src="${SCHEME}${sha256}" alt="${name}" ${size} />`;
}

/**
 * Puts the pictures in as data URIs. A place without a picture, and those for which no room is
 * left, say so.
 *
 * @param pictures WebP files by the sha256 of their images.
 * @param mostBytes the most bytes that the page may have then.
 */
export function withThumbnails(
  page: string,
  pictures: ReadonlyMap<string, Buffer>,
  mostBytes: number,
): string {
  let room = mostBytes - Buffer.byteLength(page);
  return page.replace(PLACE, (place, sha256: string, alt: string) => {
    const picture = pictures.get(sha256);
    const source =
      picture === undefined ? '' : `data:image/webp;base64,${picture.toString('base64')}`;
    if (source === '' || source.length > room)
      return `<span class="thumbnail none" role="img" aria-label="${alt}">no picture</span>`;
    room -= source.length;
    return place.replace(`${SCHEME}${sha256}`, source);
  });
}
