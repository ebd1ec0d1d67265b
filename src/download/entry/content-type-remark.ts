/** What is to be remarked on an image whose bytes are good: the server calls it something else. */
import type { Answer } from '../../http/answer';

/** Names that say nothing, or that are said of any image. */
const VAGUE =
  /^(application|binary)\/(octet-stream|x-download|force-download|binary)$|^image\/\*?$/;

/** **Source** names of the formats before IANA's, and vendors' own. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  ...{ jpg: 'jpeg', pjpeg: 'jpeg', jfif: 'jpeg', 'x-png': 'png', tif: 'tiff', 'x-tiff': 'tiff' },
  ...{ 'avif-sequence': 'avif', 'x-webp': 'webp' },
};

/** `content_type <what came>`, or null: the type fits the bytes, or says nothing of them. */
export function typeRemark(
  { contentType }: Pick<Answer, 'contentType'>,
  { format }: { readonly format: string },
): string | null {
  if (contentType === null || contentType === '' || VAGUE.test(contentType)) return null;
  const [kind, name = ''] = contentType.split('/');
  if (kind === 'image' && (OTHER_NAMES[name] ?? name) === format) return null;
  return `content_type ${contentType}`;
}
