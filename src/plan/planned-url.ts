/** The URL that a plan entry requests, and the host whose budget the request uses. */
import { hostNameProblem } from '../contract/hosts/host-name-problem';
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

/** Never throws: text that cannot be parsed becomes `bad_url` when it is downloaded. */
export function plannedUrl(text: string): PlannedUrl {
  const url = parseUrl(text);
  if (url === null) return { url: text, host: '' };
  url.hash = '';
  const isWeb = url.protocol === 'http:' || url.protocol === 'https:';
  const isPossible = isWeb && hostNameProblem(url.hostname) === null;
  return { url: url.href, host: isPossible ? hostKey(url) : '' };
}

function parseUrl(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    // Text that is not a URL is an expected result.
    return null;
  }
}
