/** The URL that a plan entry asks for, and whose budget that uses. */
import { hostKey } from '../contract/plan-entry';

export interface PlannedUrl {
  /** WHATWG-normalised without fragment; the catalog's text where it cannot be parsed. */
  readonly url: string;
  /** Host key; empty where no host can be asked (no URL, another scheme, an impossible name). */
  readonly host: string;
}

/** DNS has no longer names; without this limit, one such URL could fill a page of the index. */
const LONGEST_NAME = 254;

/** **Errors** none: what cannot be parsed becomes `bad_url` when it is downloaded. */
export function plannedUrl(text: string): PlannedUrl {
  const url = parse(text);
  if (url === null) return { url: text, host: '' };
  url.hash = '';
  const isWeb = url.protocol === 'http:' || url.protocol === 'https:';
  const mayExist = url.hostname.length <= LONGEST_NAME;
  return { url: url.href, host: isWeb && mayExist ? hostKey(url) : '' };
}

function parse(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    // Not a URL: a fact about the text, told by the result.
    return null;
  }
}
