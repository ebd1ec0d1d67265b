/** The failure of an image whose bytes came and are not good. */
import { mayBeCoding, nameCodings } from '../../http/coding/content-codings';
import { FetchFailure } from '../../http/failures/fetch-failure';
import { withoutSecretValues } from '../../http/reason/secret-values';
import type { SavedBody } from '../../http/save-body';
import type { ImageCheck } from '../../images/image-checker';

/**
 * The detail of bytes that are no image shows how they begin, without `secrets`, and names their
 * Content-Encoding: it may be why they are no image.
 */
export function checkFailure(
  { code, detail, retryable }: ImageCheck & { ok: false },
  { head, unusedCodings }: SavedBody,
  secrets: () => readonly string[],
): FetchFailure {
  const options = { isTransient: retryable, body: head.toString('utf8') };
  if (code !== 'not_an_image') return new FetchFailure(code, detail, options);
  const clean = withoutSecretValues(detail, secrets(), true);
  if (unusedCodings.length === 0) return new FetchFailure(code, clean, options);
  const text = `${clean}; its Content-Encoding: ${nameCodings(unusedCodings)}`;
  const isCoded = unusedCodings.some(mayBeCoding) && isBinary(head);
  return new FetchFailure(isCoded ? 'encoding' : code, text, options);
}

/** Whether the bytes are no text: an error page is no coded image. */
function isBinary(head: Buffer): boolean {
  const text = head.toString('utf8', 0, 64).replace(/[\t\n\f\r]/g, '');
  return /\p{Cc}|\ufffd/u.test(text);
}
