/**
 * Removes secrets from a server's text, because some servers (S3) repeat the request. Queries
 * contain signatures, and configured headers contain API keys.
 */
import type { HostHeaders } from '../host-headers';

/** The sources of what the text of a server must not repeat. */
export interface SecretSources {
  readonly headers: HostHeaders;
  /** All URLs of the chain of redirects. */
  readonly urls: readonly URL[];
  readonly cookies: readonly string[];
}

/** Replaces a value that was removed. */
const REMOVED = '…';

/**
 * The shortest value that is removed inside words, in characters. A shorter value is removed only
 * where it is a word of its own.
 */
const SHORTEST_WITHIN_WORDS = 4;

const SCHEME_OF_CREDENTIALS = /^(basic|bearer|digest|token|apikey)$/i;

/** The values of configured headers, of cookies and of the URLs' queries, the longest first. */
export function secretValues({ headers, urls, cookies }: SecretSources): readonly string[] {
  const ofHeaders = Object.values(headers).flatMap((each) =>
    Object.values(each).flatMap(partsOfHeader),
  );
  const all = [...ofHeaders, ...urls.flatMap(partsOfQuery), ...cookies];
  const forms = all.flatMap((value) => [value, encodeURIComponent(value)]);
  return [...new Set(forms.map((form) => form.replace(/\s+/g, ' ').trim()))]
    .filter((form) => form !== '')
    .sort((a, b) => b.length - a.length);
}

function partsOfHeader(value: string): readonly string[] {
  const parts = value
    .split(/[\s;,]+/)
    .flatMap((part) => [part, part.slice(part.indexOf('=') + 1)])
    .filter((part) => !SCHEME_OF_CREDENTIALS.test(part));
  const [, basic] = /^basic +(\S+)$/i.exec(value) ?? [];
  const userAndPassword =
    basic === undefined ? [] : Buffer.from(basic, 'base64').toString('utf8').split(':');
  return [value, ...parts, ...userAndPassword];
}

function partsOfQuery({ search }: URL): readonly string[] {
  if (search === '') return [];
  const pairs = search.slice(1).split('&');
  const raw = pairs.map((pair) => pair.slice(pair.indexOf('=') + 1));
  return [search.slice(1), ...raw, ...raw.map((value) => decodeQuery(value))];
}

function decodeQuery(value: string): string {
  return new URLSearchParams(`v=${value}`).get('v') ?? '';
}

/**
 * Removes the values.
 *
 * @param kind with `isCut`: the text is the beginning of a longer one, and may end within a value.
 */
export function withoutSecretValues(
  text: string,
  values: readonly string[],
  { isCut }: { readonly isCut: boolean },
): string {
  const rest = values.reduce((left, value) => left.replace(patternOf(value), REMOVED), text);
  if (!isCut) return rest;
  return values.reduce((left, value) => withoutBeginning(left, value), rest);
}

function patternOf(value: string): RegExp {
  const literal = value.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const isShort = value.length < SHORTEST_WITHIN_WORDS;
  return new RegExp(isShort ? `(?<![\\w.])${literal}(?![\\w.])` : literal, 'gi');
}

function withoutBeginning(text: string, value: string): string {
  for (let length = value.length - 1; length >= SHORTEST_WITHIN_WORDS; length -= 1)
    if (text.endsWith(value.slice(0, length))) return `${text.slice(0, -length)}${REMOVED}`;
  return text;
}
