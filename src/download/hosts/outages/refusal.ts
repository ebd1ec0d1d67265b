/** Recognises answers that may be meant for every image of their host. */
import type { ImageCode } from '../../../contract/outcome';
import type { FetchFailure } from '../../../http/failures/fetch-failure';

/** An answer that may be meant for every image. */
export interface Refusal {
  /** Refusals of different kinds do not add up. */
  readonly kind: string;
  readonly code: ImageCode;
  /** The detail of the image, with the page's title. */
  readonly detail: string;
}

/** A page of HTML, whatever its status says. */
const PAGE =
  /^[\s\ufeff]*(<!--[^]*?-->\s*|<\?xml[^>]*>\s*)*<(!doctype\s+html|html|head|body|title|meta|script)\b/i;

/** @returns null when the failure concerns this image alone, or is an outage. */
export function refusalOf({ code, message, body }: FetchFailure): Refusal | null {
  const isPage = code === 'not_an_image' && PAGE.test(body ?? '');
  if (!isPage && code !== 'http_401' && code !== 'http_403' && code !== 'tls') return null;
  return notedRefusal(code, message);
}

/** The refusal of a failure that {@link refusalOf} has recognised before. */
export function notedRefusal(code: ImageCode, detail: string): Refusal {
  return { kind: code === 'tls' ? detail : 'refused', code, detail };
}
