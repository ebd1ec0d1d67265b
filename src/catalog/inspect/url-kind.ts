/** What a URL seems to lead to, by its text alone. */
import { hasScheme } from '../../contract/catalog/url-template';
import type { ColumnFacts } from './inspection';

export type UrlKind = NonNullable<ColumnFacts['urls']>['kind'];

const IMAGE = /\.(?:jpe?g|jfif|png|gif|webp|tiff?|bmp|avif|jp2|heic|svg)(?![a-z0-9])/i;
const PAGE = /\.x?html?$/i;
const OTHER = /\.(?:pdf|mp[34]|m4[av]|mov|avi|wav|ogg|webm|zip|json|xml|csv|txt|docx?|js|css)$/i;
/** Wikimedia's page about an image ends as the image does. */
const WIKI_PAGE = /\/wiki\/[^/]+:[^/]+$/i;

/** Pages with which services show a file that was shared there, whatever the URL ends with. */
const PAGE_OF_FILE =
  /^https?:\/\/(?:drive\.google\.com\/(?:file\/|open\?)|github\.com\/[^/]+\/[^/]+\/blob\/|(?:www\.)?flickr\.com\/photos\/|(?:www\.)?dropbox\.com\/[^#]*[?&]dl=0|(?:www\.)?(?:unsplash|pexels|pixabay)\.com\/)/i;

export function isAbsolute(url: string): boolean {
  return /^https?:\/\/./i.test(url);
}

/**
 * A name of a file, or a path, that ends as images do. It may have blanks. A path of Windows is
 * none of a host.
 */
export function isRelativeImage(text: string): boolean {
  if (hasScheme(text) || text.startsWith('\\\\')) return false;
  return !/[<>\r\n\t]/.test(text) && !text.includes('://') && IMAGE.test(text.slice(-8));
}

/** Names of columns that hold images, in the languages of catalogs. */
export const IMAGE_NAME = new RegExp(
  [
    'thumb|image|img|photo|picture|content_?url|poster|cover|preview|scan|avatar|portrait|illustr',
    'foto|bild|billede|imagem|immagin|afbeelding|obraz|zdj[eę]ci|kuva|kép|slika|resim|g[oö]rsel|ảnh',
    'изображ|зображ|фото|картин|снимк|φωτο|εικόν|صور|תמונ',
    '図版|画像|图像|圖像|图片|圖片|照片|写真|사진|이미지|그림',
  ].join('|'),
  'iu',
);

/** A path from the root of a host, as a column with such a name holds it. */
export function isPath(text: string): boolean {
  return /^\/[^/\s]\S*$/.test(text);
}

export function urlKind(url: string): UrlKind {
  if (PAGE_OF_FILE.test(url)) return 'page';
  const path = url.replace(/^https?:\/\/[^/?#]*/i, '').replace(/#.*$/, '');
  if (WIKI_PAGE.test(path)) return 'page';
  if (IMAGE.test(path)) return 'image';
  const withoutQuery = path.replace(/\?.*$/, '');
  if (PAGE.test(withoutQuery)) return 'page';
  return OTHER.test(withoutQuery) ? 'other' : 'unknown';
}
