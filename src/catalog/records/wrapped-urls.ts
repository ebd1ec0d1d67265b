/**
 * URLs inside the markup of a cell: formulas of spreadsheets, links in Markdown, elements of HTML,
 * brackets and quotes, style sheets, texts that PHP serialized, and names of files before URLs in
 * round brackets, as Airtable exports them.
 */

/**
 * The first group is the URL. Names of functions of spreadsheets depend on the language. None of
 * these looks at a character more often than a fixed number of times.
 */
const IN_TEXT: readonly RegExp[] = [
  /^=(?:[\p{L}_.]+\(\s*)?"(https?:\/\/[^"]*)"/giu,
  /!?\[[^[\]]*\]\(\s*(https?:\/\/(?:[^()\s]|\([^()\s]*\))*)/gi,
  /[^\s(] \((https?:\/\/[^()\s]*)\)(?=\s*(?:,|$))/gi,
  // Style sheets, and texts as PHP serializes them.
  /\burl\(\s*["']?(https?:\/\/[^"'()\s]*)/gi,
  /\bs:\d+:"(https?:\/\/[^"]*)"/gi,
];
const IN_HTML: readonly RegExp[] = [
  /^<(https?:\/\/[^<>]*)>$/gi,
  /<(?:img|source)\b[^<>]*?\ssrc\s*=\s*["']?(https?:\/\/[^"'<>\s]*)/gi,
  /<a\b[^<>]*?\shref\s*=\s*["']?(https?:\/\/[^"'<>\s]*)/gi,
];

/** Brackets and quotes around a cell, and around the elements of lists that databases write. */
const ENCLOSURES: readonly string[] = ['[]', '{}', '()', '""', "''", '``', '“”', '„“', '«»', '‘’'];
const MOST_ENCLOSURES = 3;

/** Returns the text inside brackets and quotes. */
export function withoutEnclosure(text: string): string {
  let inside = text;
  for (let n = 0; n < MOST_ENCLOSURES; n += 1) {
    if (!ENCLOSURES.includes(`${inside[0] ?? ''}${inside.at(-1) ?? ''}`)) break;
    inside = inside.slice(1, -1).trim();
  }
  return inside;
}

/** Text that only has images in it, as descriptions have, is not taken for images. */
const BEGINS_WITH_ELEMENT = /^<(?:https?:|(?:img|a|picture|figure)\b)/i;

/** Returns the URLs of the first kind of markup that the text has; none where it has none. */
export function wrappedUrls(text: string): readonly string[] {
  if (!text.startsWith('<')) return firstUrls(text, IN_TEXT);
  return BEGINS_WITH_ELEMENT.test(text) ? firstUrls(text, IN_HTML).map(withoutEntities) : [];
}

function firstUrls(text: string, patterns: readonly RegExp[]): readonly string[] {
  for (const pattern of patterns) {
    const urls = [...text.matchAll(pattern)].flatMap(([, url]) => url ?? []);
    if (urls.length > 0) return urls;
  }
  return [];
}

/** In HTML an ampersand is written as an entity. */
function withoutEntities(url: string): string {
  return url.replaceAll('&amp;', '&');
}
