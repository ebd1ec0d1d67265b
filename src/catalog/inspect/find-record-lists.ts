/**
 * Where the records of a JSON file lie that is one object: `images` of COCO, `features` of GeoJSON,
 * the arrays in `data` of Socrata, a long list of URLs.
 */
import { WHOLE_FILE } from '../json/json-records-splitter';
import { skipBlank, valueEnd } from '../json/json-splitter';
import type { RecordList } from './inspection';

const MOST_DEPTH = 6;
/** How many records of a list are counted. */
export const MOST_COUNTED = 1_000;
/** A shorter list of URLs may be the images of one object, which has more to it. */
const LEAST_URLS = MOST_COUNTED;
/** The part of an object's members that must share a name for the object to hold records. */
const ALIKE = 0.8;
/** PHP and pandas write `/` as `\\/` in JSON. */
const URL_START = /https?:\\?\/\\?\//gi;

export interface FoundList extends RecordList {
  /** URLs in these records, and those of them that end as images do. */
  readonly urls: number;
  readonly images: number;
}

/**
 * Finds lists of objects, lists of arrays, and objects of objects, in the beginning of a file,
 * which may be cut off anywhere. Those with most image URLs come first. None when the file is not
 * one object.
 */
export function findRecordLists(text: string): readonly FoundList[] {
  const start = skipBlank(text, 0);
  if (text[start] !== '{') return [];
  const end = valueEnd(text, start, { isComplete: false });
  if (end > 0 && skipBlank(text, end) < text.length) return [];
  const root = listAt(text, start, WHOLE_FILE);
  const lists = [...(root === null ? [] : [root]), ...listsIn(text, start, '', 1)].filter(
    ({ records }) => records > 0,
  );
  return lists.sort((a, b) => b.images - a.images || b.urls - a.urls || b.records - a.records);
}

function* listsIn(text: string, object: number, path: string, depth: number): Generator<FoundList> {
  for (const { key, at } of membersFrom(text, object)) {
    if (key === null || key.includes('.') || key.trim() === '') continue;
    const own = path === '' ? key : `${path}.${key}`;
    const found = listAt(text, at, own);
    if (found !== null) yield found;
    if (text[at] === '{' && depth < MOST_DEPTH) yield* listsIn(text, at, own, depth + 1);
  }
}

/**
 * The list of objects or of arrays, or the object of records, that begins there; null when it is
 * none. The members of an object of records are alike.
 */
function listAt(text: string, at: number, key: string): FoundList | null {
  if (text[at] !== '[' && text[at] !== '{') return null;
  const isList = text[at] === '[';
  let [records, urls, images] = [0, 0, 0];
  const names = new Map<string, number>();
  let first = '';
  for (const { at: from, end } of membersFrom(text, at)) {
    const record = text.slice(from, end);
    const begin = text[from] ?? '';
    first ||= begin;
    const isRecord = begin === '{' || (isList && begin === '[' && isRow(text, from));
    if (isList && begin !== first) return null;
    if (!isRecord && !(isList ? isUrl(record) : isUrlOrList(record))) return null;
    records += 1;
    if (!isList)
      for (const name of namesIn(text, from)) names.set(name, (names.get(name) ?? 0) + 1);
    urls += record.match(URL_START)?.length ?? 0;
    images += record.match(/\.(?:jpe?g|png|gif|webp|tiff?)\b/gi)?.length ?? 0;
    if (records >= MOST_COUNTED) break;
  }
  if (!isList && !areAlike(records, names)) return null;
  if (isList && first === '"' && records < LEAST_URLS) return null;
  return { key, records, urls, images };
}

/** An array that begins with a value, as the rows of a table do, and not with another array. */
function isRow(text: string, at: number): boolean {
  return !'[{]'.includes(text[skipBlank(text, at + 1)] ?? '');
}

function isUrl(value: string): boolean {
  return /^"\s*https?:/i.test(value);
}

/** What may stand in the place of a record in an object: a URL, or a list of URLs. */
function isUrlOrList(value: string): boolean {
  return isUrl(value) || /^\[\s*(?:"\s*https?:|\])/i.test(value);
}

/** The names of an object's members; the same empty name for every other value. */
function namesIn(text: string, at: number): readonly string[] {
  if (text[at] !== '{') return [''];
  return [...membersFrom(text, at)].flatMap(({ key }) => key ?? []);
}

/**
 * One object in another is rarely a list of records, and objects without a common name are none.
 */
function areAlike(records: number, names: ReadonlyMap<string, number>): boolean {
  return records >= 2 && Math.max(0, ...names.values()) >= records * ALIKE;
}

interface Member {
  /** null for the element of a list. */
  readonly key: string | null;
  readonly at: number;
  readonly end: number;
}

/** The members of an object, or elements of a list; the last one may be cut off. */
function* membersFrom(text: string, start: number): Generator<Member> {
  const isObject = text[start] === '{';
  let at = skipBlank(text, start + 1);
  while (at < text.length && !']}'.includes(text[at] ?? '')) {
    let key: string | null = null;
    if (isObject) {
      const keyEnd = text[at] === '"' ? valueEnd(text, at, { isComplete: false }) : -1;
      if (keyEnd < 0) return;
      key = text.slice(at + 1, keyEnd - 1);
      at = skipBlank(text, skipBlank(text, keyEnd) + 1);
      if (at >= text.length) return;
    }
    const found = valueEnd(text, at, { isComplete: false });
    const end = found < 0 ? text.length : found;
    yield { key, at, end };
    at = skipBlank(text, end);
    if (text[at] !== ',') return;
    at = skipBlank(text, at + 1);
  }
}
