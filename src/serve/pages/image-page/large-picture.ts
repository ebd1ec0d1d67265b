/** The picture of an image, as large as the page has room for. */
import type { Row } from '../../../report/ask';
import { html, type Markup } from '../../../report/html/html';
import { isShownInPages, shownType } from '../../files/stored-file';
import { fileLink, previewLink } from '../picture';
import { textIn } from './image-facts';

/** The longest side of the preview of a file that browsers do not show, in pixels. */
const SIDE = 640;

/** @param alt what the picture is called, for people who cannot see it. */
export function largePicture(image: Row, alt: string): Markup {
  const sha256 = textIn(image, 'thumb_sha256');
  if (sha256 === null || image.thumb_path == null)
    return html`<p class="no-picture large">There is no file of this image.</p>`;
  const type = shownType(textIn(image, 'thumb_format'));
  if (type === null)
    return html`<p class="no-picture large">
      Browsers do not show files of this kind here.
      <a href="${fileLink(sha256)}">Download the file</a>
    </p>`;
  if (!isShownInPages(type))
    return html`<img class="large" src="${previewLink(sha256, SIDE)}" alt="${alt.slice(0, 300)}" />
      <p>
        A preview, because browsers do not show files of this kind.
        <a href="${fileLink(sha256)}">Download the file</a>
      </p>`;
  return html`<a href="${fileLink(sha256)}"
    ><img class="large" src="${fileLink(sha256)}" alt="${alt.slice(0, 300)}" decoding="async"
  /></a>`;
}
