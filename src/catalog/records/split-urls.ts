/**
 * The URLs of one cell: a JSON list, URLs one after another, or URLs inside markup.
 *
 * Every separator may also occur inside a URL. It separates two URLs only where `http://` or
 * `https://` follows, unless the input names the separator. A URL inside another one, as archives
 * and proxies have it, stands behind a character of {@link LEADS_INSIDE}.
 */
import { trimUrl } from '../image-id';
import { jsonElements, jsonField } from '../json/json-value';
import { jsonOfCell } from '../json/python-literal';
import { withoutEnclosure, wrappedUrls } from './wrapped-urls';

const URL_START = /https?:\/\//gi;
const SEPARATORS: ReadonlySet<string> = new Set(['|', ';', ',']);

/**
 * Returns the URLs of a cell, without white space around them; none for a blank cell.
 *
 * @param separator text between two URLs; empty: the cell is one URL; undefined: the cell decides.
 */
export function splitUrls(
  cell: string | null | undefined,
  separator: string | undefined,
): readonly string[] {
  const text = trimUrl(cell ?? null);
  if (text === null) return [];
  if (separator === '') return [text];
  if (text.startsWith('[') && text.endsWith(']')) {
    const list = listOf(text);
    if (list !== null) return trimmed(list);
  }
  if (separator !== undefined) return trimmed(text.split(separator));
  // Most cells hold one URL: the search for a second one costs them nothing more.
  if (isUrl(text)) return text.includes('://', 8) ? splitBeforeUrls(text) : [text];
  return text.includes('://') ? unwrapped(text) : [text];
}

function isUrl(text: string): boolean {
  return /^https?:\/\//i.test(text);
}

function trimmed(parts: readonly string[]): readonly string[] {
  return parts.map(trimUrl).filter((part) => part !== null);
}

/** Of the elements of a list only some may be in quotes. */
const OPENING_QUOTE = /^["'](?=https?:\/\/)/i;

/** The URLs inside brackets, quotes or markup, or else the text as it is. */
function unwrapped(text: string): readonly string[] {
  const enclosed = withoutEnclosure(text).replace(OPENING_QUOTE, '');
  if (isUrl(enclosed)) return splitBeforeUrls(enclosed);
  const urls = wrappedUrls(text);
  return urls.length === 0 ? [text] : urls;
}

/** What may stand before a URL that is a part of another one. */
const LEADS_INSIDE = /[\p{L}\p{M}\p{N}/=?#&:%._@+(-]/u;
/** Those of them that separate when they stand twice. */
const DOUBLED: ReadonlySet<string> = new Set(['#', '&', ':', '%', '@', '+']);
/** Marks that may also be the last character of a URL. */
const ENDS_URL = /[~!$*'#&:%@+)]/;
/** Such as `<br />` and `</li>`. */
const LONGEST_TAG = 8;

/** The size of a candidate in a `srcset` of HTML. */
const DESCRIPTOR = /\s+\d+(?:\.\d+)?[wxh]$/;

/** What stands behind an image in a cell of several: a caption, or a word between two of them. */
const BEHIND_IMAGE = /(\.(?:jpe?g|png|gif|webp|tiff?|bmp|avif|jp2|heic))\s[^]*$/i;

/**
 * Cuts before each `http(s)://` that a separator precedes. No character is looked at more than a
 * fixed number of times.
 */
function splitBeforeUrls(text: string): readonly string[] {
  const urls: string[] = [];
  let start = 0;
  for (const { index } of text.matchAll(URL_START)) {
    const end = beforeSeparators(text, index, start);
    if (end === index || end === start) continue;
    urls.push(text.slice(start, end));
    start = index;
  }
  if (urls.length === 0) return [text];
  urls.push(text.slice(start, beforeSeparators(text, text.length, start)));
  return urls.map((url) => url.replace(DESCRIPTOR, '').replace(BEHIND_IMAGE, '$1'));
}

/** Where the separators and blanks that end at `end` begin. */
function beforeSeparators(text: string, end: number, start: number): number {
  const at = beforeUsual(text, end, start);
  if (end === text.length) return beforeClosing(text, at, start);
  return beforeMarks(text, { end: at, start, last: text[end - 1] ?? '' });
}

/** Where the separators begin that may be the end of any URL. */
function beforeUsual(text: string, end: number, start: number): number {
  let at = end;
  while (at > start && isSeparator(text[at - 1] ?? '')) at -= 1;
  return at;
}

/**
 * Where marks begin that no URL has before another one, such as `<br>`, `\\n`, `"` or `\u3001`.
 *
 * @param last the character before the other URL.
 */
function beforeMarks(
  text: string,
  { end, start, last }: { readonly end: number; readonly start: number; readonly last: string },
): number {
  let at = end;
  for (;;) {
    const next = beforeMark(text, at);
    // A URL may end with the mark itself, unless the same one stands before the next URL.
    const isOfUrl = ENDS_URL.test(text[at - 1] ?? '') && text[at - 1] !== last;
    if (next >= at || next <= start || isOfUrl) break;
    at = beforeUsual(text, next, start);
  }
  if (at < end || last.trim() !== '') return at;
  // Between blanks, marks stand alone that URLs have elsewhere: ` / `, ` & `.
  const mark = /\s[-/=?#&:%._@+]{1,3}$/.exec(text.slice(Math.max(start, end - 4), end));
  return mark === null ? end : beforeUsual(text, end - mark[0].length, start);
}

/** Where the elements of HTML, and the quote, begin that the cell ends with. */
function beforeClosing(text: string, end: number, start: number): number {
  let at = end;
  while (at > start && '>"'.includes(text[at - 1] ?? ' '))
    at = beforeUsual(text, Math.max(start, beforeMark(text, at)), start);
  return at;
}

/** Where the mark begins that ends at `end`; `end` where there is none. */
function beforeMark(text: string, end: number): number {
  const [before = '', last = ''] = [text[end - 2], text[end - 1]];
  if (before === '\\' && 'nrt'.includes(last)) return end - 2;
  if (before === last && DOUBLED.has(last)) return end - 2;
  if (LEADS_INSIDE.test(last)) return end;
  const from = Math.max(0, end - LONGEST_TAG);
  const open = last === '>' ? text.slice(from, end).lastIndexOf('<') : -1;
  return open < 0 ? end - 1 : from + open;
}

function isSeparator(character: string): boolean {
  return SEPARATORS.has(character) || character.trim() === '';
}

/**
 * The texts of a list, of JSON or as Python prints it; null when the cell is none. Nulls are
 * dropped, other values keep their JSON text.
 */
function listOf(text: string): readonly string[] | null {
  const json = jsonOfCell(text);
  if (json === null) return null;
  return jsonElements(json).flatMap((element) => jsonField(element).text ?? []);
}
