/**
 * Cookies that last as long as the redirects of one image. Some servers set a cookie, redirect to
 * the same URL, and expect the cookie there.
 */
import type { Exchange } from './exchange';
import { hostKey } from '../contract/plan-entry';

/** The most characters of all cookies of a host, which bounds the size of a request. */
const MAX_CHARACTERS = 8_192;

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly host: string;
  readonly path: string;
  /** True when the cookie must not be sent over http. */
  readonly isSecure: boolean;
}

/** The cookies of one chain of redirects. */
export interface RedirectCookies {
  /** Stores the cookies that a redirect from `url` sets. */
  keep(url: URL, response: Pick<Exchange, 'headers'>): void;
  /** The value of the header Cookie; null if there is none to send. */
  headerFor(url: URL): string | null;
  /** The values of all cookies, which no message may contain. */
  values(): readonly string[];
}

/**
 * A cookie is sent to the host that set it and to no other, whatever its attribute Domain says; as
 * with configured headers, another port counts as another host.
 *
 * @see RFC 6265, sections 5.1.4 (paths) and 5.2 (Set-Cookie).
 */
export function createRedirectCookies(): RedirectCookies {
  const cookies = new Map<string, Cookie>();
  return {
    keep: (url, response) => {
      for (const header of [response.headers['set-cookie'] ?? []].flat()) {
        const parsed = parseSetCookie(header, url);
        if (parsed === null) continue;
        const key = `${parsed.cookie.host} ${parsed.cookie.path} ${parsed.cookie.name}`;
        cookies.delete(key);
        if (!parsed.isExpired) cookies.set(key, parsed.cookie);
      }
    },
    headerFor: (url) => {
      const pairs = [...cookies.values()]
        .filter((cookie) => appliesTo(cookie, url))
        .map(({ name, value }) => `${name}=${value}`);
      const header = pairs.join('; ');
      return header === '' || header.length > MAX_CHARACTERS ? null : header;
    },
    values: () => [...cookies.values()].map(({ value }) => value),
  };
}

function appliesTo({ host, path, isSecure }: Cookie, url: URL): boolean {
  const isBelow =
    url.pathname === path || url.pathname.startsWith(path.endsWith('/') ? path : `${path}/`);
  return host === hostKey(url) && isBelow && (!isSecure || url.protocol === 'https:');
}

function parseSetCookie(
  header: string,
  url: URL,
): { readonly cookie: Cookie; readonly isExpired: boolean } | null {
  const [pair = '', ...rest] = header.split(';');
  // Other characters cannot be sent in a header.
  if (!/^[\x20-\x7e]*$/.test(pair) || !pair.includes('=')) return null;
  const [name, value] = splitAt(pair, '=');
  if (name === '') return null;
  const attributes = new Map(
    rest.map((text) => {
      const [key, content] = splitAt(text, '=');
      return [key.toLowerCase(), content] as const;
    }),
  );
  const path = attributes.get('path') ?? '';
  const cookie = {
    name,
    value,
    host: hostKey(url),
    path: path.startsWith('/') ? path : defaultPath(url),
    isSecure: attributes.has('secure') || url.protocol === 'https:',
  };
  return { cookie, isExpired: isExpired(attributes) };
}

function isExpired(attributes: ReadonlyMap<string, string>): boolean {
  const maxAge = attributes.get('max-age');
  if (maxAge !== undefined && /^-?\d+$/.test(maxAge)) return Number(maxAge) <= 0;
  const expires = attributes.get('expires') ?? '';
  return COOKIE_DATE.test(expires) && Date.parse(expires) <= Date.now();
}

/**
 * With a time and the name of a month. Any other text, such as `0` and `-1`, which `Date.parse`
 * takes for years, does not delete a cookie.
 *
 * @see RFC 6265, section 5.1.1.
 */
const COOKIE_DATE = /^(?=.*\d:\d)(?=.*(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec))/i;

/** The folder of the URL's path. */
function defaultPath({ pathname }: URL): string {
  return pathname.slice(0, Math.max(1, pathname.lastIndexOf('/')));
}

function splitAt(text: string, separator: string): readonly [string, string] {
  const at = text.indexOf(separator);
  if (at === -1) return [text.trim(), ''];
  return [text.slice(0, at).trim(), text.slice(at + 1).trim()];
}
