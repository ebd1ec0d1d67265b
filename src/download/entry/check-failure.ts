/** The failure of an image whose bytes came and are not good. */
import { mayBeCoding, nameCodings } from '../../http/coding/content-codings';
import { FetchFailure } from '../../http/failures/fetch-failure';
import { messageIn, titleOf } from '../../http/reason/body-text';
import { challengeOfPage, describePage } from '../../http/reason/challenge';
import { decodeText } from '../../http/reason/decode-text';
import { targetOfPage } from '../../http/reason/page-target';
import { saysThatItPasses } from '../../http/reason/passing-limit';
import { withoutSecretValues } from '../../http/reason/secret-values';
import type { SavedBody } from '../../http/save-body';
import type { ImageCheck } from '../../images/image-checker';

const MAX_TITLE_CHARACTERS = 100;

/**
 * The detail of bytes that are no image shows how they begin, without `secrets`, and names their
 * Content-Encoding: it may be why they are no image. A page is named by its title and by the
 * page to which it leads. A challenge is named too, and is retryable like a limit that passes,
 * because a later run may get the image.
 *
 * @param context.challenge the header that shows a challenge; null without one.
 */
export function checkFailure(
  { code, detail, retryable }: ImageCheck & { ok: false },
  { head, unusedCodings, sha256, lengthKnown, contentType }: SavedBody,
  context: { readonly challenge: string | null; readonly secrets: () => readonly string[] },
): FetchFailure {
  const body = decodeText(head, contentType);
  const sign = context.challenge ?? (code === 'not_an_image' ? signOfPage(body) : null);
  const isRetryable = retryable || sign !== null;
  const damagedBody = code === 'truncated' && lengthKnown ? sha256 : null;
  const options = { isTransient: retryable, isRetryable, body, damagedBody };
  if (code !== 'not_an_image') return new FetchFailure(code, detail, options);
  const titled = `${titleOrMessage(body)}${detail}`;
  const named = sign === null ? '' : ` (${sign})`;
  const clean = `${withoutSecretValues(titled, context.secrets(), { isCut: true })}${named}`;
  if (unusedCodings.length === 0) return new FetchFailure(code, clean, options);
  const text = `${clean}; its Content-Encoding: ${nameCodings(unusedCodings)}`;
  const isCoded = unusedCodings.some(mayBeCoding) && isBinary(head);
  return new FetchFailure(isCoded ? 'encoding' : code, text, options);
}

/** Why a later run may get something else than this page; null where nothing says so. */
function signOfPage(page: string): string | null {
  const service = challengeOfPage(page);
  if (service !== null) return describePage(service);
  return saysThatItPasses(page) ? 'it says that this passes' : null;
}

/** For example `a page, "Not found": `; empty without a title, a target and a message. */
function titleOrMessage(body: string): string {
  const [title, message] = [titleOf(body), messageIn(body)].map((text) =>
    text?.slice(0, MAX_TITLE_CHARACTERS),
  );
  const target = targetOfPage(body);
  const names = [
    ...(title === undefined ? [] : [`, "${title}"`]),
    ...(target === null ? [] : [` that leads to "${target}"`]),
  ];
  if (names.length > 0) return `a page${names.join(',')}: `;
  return message === undefined ? '' : `a message, "${message}": `;
}

/** Whether the bytes are no text: an error page is no coded image. */
function isBinary(head: Buffer): boolean {
  const text = head.toString('utf8', 0, 64).replace(/[\t\n\f\r]/g, '');
  return /\p{Cc}|\ufffd/u.test(text);
}
