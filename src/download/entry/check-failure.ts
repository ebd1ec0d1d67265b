/** The failure of an image whose bytes came and are not good. */
import { mayBeCoding, nameCodings } from '../../http/coding/content-codings';
import { FetchFailure } from '../../http/failures/fetch-failure';
import { messageIn, titleOf } from '../../http/reason/body-text';
import { challengeOfPage, describePage } from '../../http/reason/challenge';
import { withoutSecretValues } from '../../http/reason/secret-values';
import type { SavedBody } from '../../http/save-body';
import type { ImageCheck } from '../../images/image-checker';

const MAX_TITLE_CHARACTERS = 100;

/**
 * The detail of bytes that are no image shows how they begin, without `secrets`, and names their
 * Content-Encoding: it may be why they are no image. A page is named by its title. A challenge is
 * named too, and is retryable, because a later run may not be challenged.
 *
 * @param context.challenge the header that shows a challenge; null without one.
 */
export function checkFailure(
  { code, detail, retryable }: ImageCheck & { ok: false },
  { head, unusedCodings, sha256, lengthKnown }: SavedBody,
  context: { readonly challenge: string | null; readonly secrets: () => readonly string[] },
): FetchFailure {
  const body = head.toString('utf8');
  const service = code === 'not_an_image' ? challengeOfPage(body) : null;
  const challenge = context.challenge ?? (service === null ? null : describePage(service));
  const isRetryable = retryable || challenge !== null;
  const damagedBody = code === 'truncated' && lengthKnown ? sha256 : null;
  const options = { isTransient: retryable, isRetryable, body, damagedBody };
  if (code !== 'not_an_image') return new FetchFailure(code, detail, options);
  const titled = `${titleOrMessage(body)}${detail}`;
  const named = challenge === null ? '' : ` (${challenge})`;
  const clean = `${withoutSecretValues(titled, context.secrets(), { isCut: true })}${named}`;
  if (unusedCodings.length === 0) return new FetchFailure(code, clean, options);
  const text = `${clean}; its Content-Encoding: ${nameCodings(unusedCodings)}`;
  const isCoded = unusedCodings.some(mayBeCoding) && isBinary(head);
  return new FetchFailure(isCoded ? 'encoding' : code, text, options);
}

/** For example `a page, "Not found": `; empty without a title and a message. */
function titleOrMessage(body: string): string {
  const [title, message] = [titleOf(body), messageIn(body)].map((text) =>
    text?.slice(0, MAX_TITLE_CHARACTERS),
  );
  if (title !== undefined) return `a page, "${title}": `;
  return message === undefined ? '' : `a message, "${message}": `;
}

/** Whether the bytes are no text: an error page is no coded image. */
function isBinary(head: Buffer): boolean {
  const text = head.toString('utf8', 0, 64).replace(/[\t\n\f\r]/g, '');
  return /\p{Cc}|\ufffd/u.test(text);
}
