/** Says in words why a catalog's text is no URL that can be requested. */

/** How much of the text a message shows. In characters. */
const MAX_SHOWN = 40;

/** Words that stand for a missing value. */
const NO_VALUE =
  /^(#?n\/?a|#n\/d|null|none|nil|nan|undefined|unknown|tbd|missing|no (image|url|photo|picture)|\[object \w+\]|false|true|empty|[-–—?.0_\s]*)$/i;

/** Characters that are not visible, which URL parsers do not remove at the ends of a text. */
const INVISIBLE = /^(?:[\p{Cf}\p{Zs}\p{Zl}\p{Zp}\u115f\u1160\u3164]|\ufe0f)/u;

/** For example a zero-width space that a word processor put into `https:`. */
const INVISIBLE_IN_SCHEME = /^[a-z]*(\p{Cf})[a-z\p{Cf}]*:\/\//iu;

/** A cell in which a formula failed, such as `#REF!`. */
const SHEET_ERROR = /^#[A-Z0-9_/]+[!?]$/i;

/** Such as `{{ image.url }}`, `${BASE_URL}/a.jpg` and `%s/a.jpg`. */
const TEMPLATE = /^(\{\{|\{%|\$\{|\$\w|<%|%s)/;

const QUOTES = /^["'`“”„‘’‚«»‹›]/;

const IMAGE_FILE = /\.(jpe?g|png|gif|webp|tiff?|avif|bmp|svg|heic|jp2|jxl|pdf)$/i;

/** The first kind that fits describes the text. */
const KINDS: readonly (readonly [(text: string) => boolean, (text: string) => string])[] = [
  [(text) => text === '', () => 'no URL: the text is empty'],
  [(text) => NO_VALUE.test(text), (text) => `no URL: ${text}`],
  [(text) => SHEET_ERROR.test(text), (text) => `an error of a spreadsheet, not a URL: ${text}`],
  [
    (text) => INVISIBLE.test(text),
    (text) => `begins with an invisible character (${codePoint(text)})`,
  ],
  [(text) => /^=\S/.test(text), () => 'a formula of a spreadsheet, not a URL'],
  [(text) => /^!?\[[^\]]*\]\(/.test(text), () => 'a link in Markdown, not a URL'],
  [(text) => /^\[\/?(img|url)\b/i.test(text), () => 'BBCode, not a URL'],
  [(text) => text.startsWith('[['), () => 'a link of a wiki, not a URL'],
  [(text) => TEMPLATE.test(text), (text) => `a template that was not filled in: ${show(text)}`],
  [(text) => text.startsWith('['), describeArray],
  [(text) => text.startsWith('{'), () => 'a JSON object, not a URL'],
  [(text) => QUOTES.test(text), (text) => `in quotes: ${show(text)}`],
  [(text) => /^<https?:[^<>]*>$/i.test(text), (text) => `in angle brackets: ${show(text)}`],
  [(text) => text.startsWith('<'), () => 'markup, not a URL: begins with <'],
  [(text) => text.startsWith('//'), () => 'begins with //: its scheme (https:) is missing'],
  [(text) => /^[\\/.]/.test(text), (text) => `a path without a host: ${show(text)}`],
  [(text) => /^https?:\/*$/i.test(text), () => 'the URL has no host'],
  [isHostAndPath, (text) => `no scheme (https://): ${show(text)}`],
  [hasPortOutOfRange, (text) => `the port ${portOf(text)} is not between 0 and 65535`],
  [(text) => /^[a-z][\w+.-]*:\/*[^/?#]*\s/i.test(text), () => 'its host contains a space'],
  [
    (text) => /^[a-z][\w+.-]*:/i.test(text),
    () => 'the URL cannot be parsed: its host is not valid',
  ],
  [
    (text) => /^(https?|ftp)[;/\\]/i.test(text),
    (text) => `the colon behind its scheme is missing: ${show(text)}`,
  ],
  [
    (text) => INVISIBLE_IN_SCHEME.test(text),
    (text) =>
      `an invisible character in its scheme (${codePoint(INVISIBLE_IN_SCHEME.exec(text)?.[1] ?? '')})`,
  ],
  [(text) => /.https?:\/\//i.test(text), (text) => `other text before its URL: ${show(text)}`],
  [
    (text) => /^https?%3a/i.test(text),
    (text) => `its colon and slashes are percent-encoded: ${show(text)}`,
  ],
  [
    (text) => /^https?\s/i.test(text),
    (text) => `a space before the colon of its scheme: ${show(text)}`,
  ],
  [
    (text) => IMAGE_FILE.test(text.trim()),
    (text) => `a file name, and the catalog has no base for it: ${show(text)}`,
  ],
];

export function describeBadUrl(text: string): string {
  const trimmed = text.replace(/^[\0-\x20]+|[\0-\x20]+$/g, '');
  const kind = KINDS.find(([applies]) => applies(trimmed));
  return kind?.[1](trimmed) ?? `the URL cannot be parsed: ${show(trimmed)}`;
}

/** Not its query, which may hold secrets. */
function show(text: string): string {
  const [beforeQuery = ''] = text.split('?', 1);
  return beforeQuery.length <= MAX_SHOWN ? beforeQuery : `${beforeQuery.slice(0, MAX_SHOWN)}…`;
}

function codePoint(text: string): string {
  return `U+${(text.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

function describeArray(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value)) return `a JSON array (of ${value.length}), not a URL`;
  } catch {
    // It may be the list of another language, for example with single quotes.
  }
  return 'a list in brackets, not a URL';
}

function hasPortOutOfRange(text: string): boolean {
  return Number(portOf(text)) > 65_535;
}

function portOf(text: string): string {
  return /^[a-z][\w+.-]*:\/*(?:[^/?#@]*@)?[^/?#@:]*:(\d+)(?:[/?#]|$)/i.exec(text)?.[1] ?? '';
}

/** For example `www.museum.org/a.jpg`, `museum.org:8080/a.jpg`: a first part that may be a host. */
function isHostAndPath(text: string): boolean {
  const [first = '', ...rest] = text.split(/[/?#]/);
  const [, host, port] =
    /^([\p{L}\p{N}](?:[\p{L}\p{N}._-]*[\p{L}\p{N}])?)(:\d+)?$/u.exec(first) ?? [];
  if (host === undefined) return false;
  if (/^www\./i.test(host)) return true;
  if (port !== undefined) return host.includes('.') || /^localhost$/i.test(host);
  return rest.length > 0 && HOST_WITHOUT_PORT.test(host) && !IMAGE_FILE.test(host);
}

/** A name with a domain at its end, or an address. */
const HOST_WITHOUT_PORT = /\.\p{L}{2,}$|^\d{1,3}(?:\.\d{1,3}){3}$|^localhost$/iu;

/**
 * A URL whose scheme is written twice, for example `http://http://museum.org/a.jpg`, has a host
 * called `http`.
 */
export function hasTwoSchemes({ hostname, pathname }: URL): boolean {
  return /^https?$/.test(hostname) && pathname.startsWith('//');
}

/**
 * Finds an HTML entity in the query, for example `&amp;`, which shows that the URL was copied from
 * a page. Null without one.
 */
export function entityInQuery({ search }: URL): string | null {
  return /&(amp|lt|gt|quot|apos|#\d{2,4}|#x[0-9a-f]{2,4});/i.exec(search)?.[0] ?? null;
}
