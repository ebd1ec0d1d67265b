/** The URL that a plan entry requests, and the host whose budget the request uses. */
import { hostKey } from '../contract/plan-entry';

export interface PlannedUrl {
  /**
   * The URL, normalised by the WHATWG rules and without fragment; the catalog's text if it cannot
   * be parsed.
   */
  readonly url: string;
  /**
   * The host key; empty if no request is possible (not a URL, another scheme, an impossible name).
   */
  readonly host: string;
}

/** The longest name in DNS. Without this limit, a single URL could fill a page of the index. */
export const MAX_NAME_LENGTH = 254;

/** Never throws: text that cannot be parsed becomes `bad_url` when it is downloaded. */
export function plannedUrl(text: string): PlannedUrl {
  const url = parseUrl(text);
  if (url === null) return { url: text, host: '' };
  url.hash = '';
  const isWeb = url.protocol === 'http:' || url.protocol === 'https:';
  const isPossibleName = url.hostname.length <= MAX_NAME_LENGTH;
  return { url: url.href, host: isWeb && isPossibleName ? hostKey(url) : '' };
}

function parseUrl(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    // Text that is not a URL is an expected result.
    return null;
  }
}
