/** The remark on an image whose bytes are good but whose Content-Type names another format. */
import type { Answer } from '../../http/answer';

/** Types that give no information, or that servers use for any image. */
const VAGUE =
  /^(application|binary)\/(octet-stream|x-download|force-download|binary)$|^image\/\*?$/;

/** Names of the formats from before IANA's registration, and vendors' own. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  jpg: 'jpeg',
  pjpeg: 'jpeg',
  jfif: 'jpeg',
  'x-png': 'png',
  tif: 'tiff',
  'x-tiff': 'tiff',
  'avif-sequence': 'avif',
  'x-webp': 'webp',
  'svg+xml': 'svg',
  'heic-sequence': 'heic',
  heif: 'heic',
  'heif-sequence': 'heic',
  'x-icon': 'ico',
  'vnd.microsoft.icon': 'ico',
  'x-ms-bmp': 'bmp',
  'vnd.adobe.photoshop': 'psd',
};

/** @returns `content_type <type>`; null when the type matches the bytes or gives no information. */
export function contentTypeRemark(
  { contentType }: Pick<Answer, 'contentType'>,
  { format }: { readonly format: string },
): string | null {
  if (contentType === null || contentType === '' || VAGUE.test(contentType)) return null;
  const [kind, name = ''] = contentType.split('/');
  const isOfKind = kind === (format === 'pdf' ? 'application' : 'image');
  if (isOfKind && (OTHER_NAMES[name] ?? name) === format) return null;
  return `content_type ${contentType}`;
}
