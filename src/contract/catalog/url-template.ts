/** URLs that a catalog does not have as they are: made of its columns by a template, or relative to a base. */

/** A piece of a template: text as it stands, or the value of a column. */
type TemplatePart =
  | { readonly text: string }
  | {
      readonly column: string;
      /** The least number of characters. A shorter value gets leading zeros. */
      readonly width: number;
      /** `/` and every other character with a meaning in URLs is percent-encoded. */
      readonly isEncoded: boolean;
    };

export type UrlTemplate = readonly TemplatePart[];

const PART = /\{\{|\}\}|\{([^{}:]+)(?::(?:0(\d{1,2})|(encode)))?\}|[{}]|[^{}]+/g;

/** Takes `https://host/{image_id}/{page:03}.jpg` apart, or returns in words why it is no template. */
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

/** The URL of one record; null when a column that it needs is empty. */
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
    // A column at the start holds the beginning of a URL, or all of it.
    if (url === '') url = padded;
    else url += part.isEncoded ? encodeURIComponent(padded) : encodedForPath(padded);
  }
  return url;
}

/** Escapes what would end the path, and `%` that begins no escape; the rest is left to the URL parser. */
function encodedForPath(value: string): string {
  return value.replaceAll(/[?# \t\r\n]|%(?![0-9a-f]{2})/gi, (character) =>
    encodeURIComponent(character),
  );
}

/** A URL without a scheme is put behind the base, with one slash between them. */
export function withBaseUrl(url: string, base: string): string {
  if (/^[a-z][a-z0-9+.-]*:/i.test(url)) return url;
  if (url.startsWith('//')) return base.slice(0, base.indexOf(':') + 1) + url;
  if (/[?#=]/.test(base)) return base + url;
  return `${base.replace(/\/+$/, '')}/${url.replace(/^\/+/, '')}`;
}
