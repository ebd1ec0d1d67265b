/**
 * The URLs of one cell: a JSON list, URLs one after another, or URLs inside markup.
 *
 * `|`, `;`, `,` and white space also occur inside URLs. They separate two URLs only where `http://`
 * or `https://` follows, unless the input names the separator.
 */
import { trimUrl } from '../image-id';
import { jsonElements, jsonField } from '../json/json-value';
import { jsonOfCell } from '../json/python-literal';
import { wrappedUrls } from './wrapped-urls';

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
  if (!text.includes('://', 8)) return text.startsWith('<') ? unwrapped(text) : [text];
  return /^https?:\/\//i.test(text) ? splitBeforeUrls(text) : unwrapped(text);
}

function trimmed(parts: readonly string[]): readonly string[] {
  return parts.map(trimUrl).filter((part) => part !== null);
}

/** The URLs inside markup, or else the text as it is. */
function unwrapped(text: string): readonly string[] {
  const urls = wrappedUrls(text);
  return urls.length === 0 ? [text] : urls;
}

/** The size of a candidate in a `srcset` of HTML. */
const DESCRIPTOR = /\s+\d+(?:\.\d+)?[wxh]$/;

/** Cuts before each `http(s)://` that a separator precedes. No character is looked at more than twice. */
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
  return urls.map((url) => url.replace(DESCRIPTOR, ''));
}

/** Where the separators and blanks that end at `end` begin. */
function beforeSeparators(text: string, end: number, start: number): number {
  let at = end;
  while (at > start && isSeparator(text[at - 1] ?? '')) at -= 1;
  return at;
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
