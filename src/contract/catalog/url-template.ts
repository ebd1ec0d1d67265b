/**
 * Builds URLs that a catalog does not contain as a whole: from its columns by a template, or
 * relative to a base URL.
 */

/** A part of a template: fixed text, or the value of a column. */
type TemplatePart =
  | { readonly text: string }
  | {
      readonly column: string;
      /** The minimum number of characters. A shorter value gets leading zeros. */
      readonly width: number;
      /** True when `/` and every other character with a meaning in URLs is percent-encoded. */
      readonly isEncoded: boolean;
    };

export type UrlTemplate = readonly TemplatePart[];

const PART = /\{\{|\}\}|\{([^{}:]+)(?::(?:0(\d{1,2})|(encode)))?\}|[{}]|[^{}]+/g;

/**
 * Parses a template such as `https://host/{image_id}/{page:03}.jpg`.
 *
 * @returns the parts, or a text that says why it is not a template.
 */
export function parseUrlTemplate(template: string): UrlTemplate | string {
  const parts: TemplatePart[] = [];
  for (const [text, column, width, encode] of template.matchAll(PART)) {
    if (column !== undefined)
      parts.push({ column, width: Number(width ?? 0), isEncoded: encode !== undefined });
    else if (text === '{' || text === '}')
      return 'a brace stands alone: columns are {name}, {name:03} or {name:encode}, a brace itself is {{ or }}';
    else parts.push({ text: text === '{{' ? '{' : text === '}}' ? '}' : text });
  }
  if (!parts.some((part) => 'column' in part)) return 'no column in braces, such as {id}';
  return parts;
}

/** The URL of one record; null when a column that the template needs is empty. */
export function expandUrlTemplate(
  template: UrlTemplate,
  valueOf: (column: string) => string | null,
): string | null {
  let url = '';
  for (const part of template) {
    if ('text' in part) {
      url += part.text;
      continue;
    }
    const value = valueOf(part.column)?.trim() ?? '';
    if (value === '') return null;
    const padded = value.padStart(part.width, '0');
    // A column at the start holds the beginning of a URL or a whole URL, so it is not escaped.
    if (url === '') url = padded;
    else url += part.isEncoded ? encodeURIComponent(padded) : encodedForPath(padded);
  }
  return url;
}

/**
 * Escapes characters that would end the path, and each `%` that begins no escape. The URL parser
 * escapes the rest.
 */
function encodedForPath(value: string): string {
  return value.replaceAll(/[?# \t\r\n]|%(?![0-9a-f]{2})/gi, (character) =>
    encodeURIComponent(character),
  );
}

/** A base in printed commands, of which users replace HOST and PATH. */
export const BASE_TO_FILL_IN = 'https://HOST/PATH/';

/** Whether the host of a base has not been filled in. */
export function isBaseToFillIn(base: string): boolean {
  return /^https?:\/\/HOST(?:[/:]|$)/.test(base);
}

/** For example `museum.org:8080/a.jpg`: the name of this host is no scheme. */
const HOST_AND_PORT = /^(?:localhost|[a-z0-9+-]+(?:\.[a-z0-9+-]+)+):\d{1,5}(?:[/?#]|$)/i;

/** Whether a text begins with a scheme, as absolute URLs do (RFC 3986, section 3.1). */
export function hasScheme(url: string): boolean {
  return /^[a-z][a-z0-9+.-]*:/i.test(url) && !HOST_AND_PORT.test(url);
}

/** Appends a URL without a scheme to the base, with one slash between them. */
export function withBaseUrl(url: string, base: string): string {
  if (hasScheme(url)) return url;
  if (url.startsWith('//')) return base.slice(0, base.indexOf(':') + 1) + url;
  if (/[?#=]/.test(base)) return base + url;
  return `${base.replace(/\/+$/, '')}/${url.replace(/^\/+/, '')}`;
}
