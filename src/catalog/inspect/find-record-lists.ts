/** Where the records of a JSON file lie that is one object: `images` of COCO, `features` of GeoJSON. */
import { skipBlank, valueEnd } from '../json/json-splitter';
import type { RecordList } from './inspection';

const MOST_DEPTH = 3;
/** How many records of a list are counted. */
const MOST_COUNTED = 1_000;

export interface FoundList extends RecordList {
  /** URLs in these records, and those of them that end as images do. */
  readonly urls: number;
  readonly images: number;
}

/**
 * Finds lists of objects, and objects of objects, in the beginning of a file, which may be cut off
 * anywhere. Those with most image URLs come first. None when the file is not one object.
 */
export function findRecordLists(text: string): readonly FoundList[] {
  const start = skipBlank(text, 0);
  if (text[start] !== '{') return [];
  const end = valueEnd(text, start, false);
  if (end > 0 && skipBlank(text, end) < text.length) return [];
  const lists = [...listsIn(text, start, '', 1)].filter(({ records }) => records > 0);
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

/** The list, or object of objects, that begins there; null when it holds anything but objects. */
function listAt(text: string, at: number, key: string): FoundList | null {
  if (text[at] !== '[' && text[at] !== '{') return null;
  let [records, urls, images] = [0, 0, 0];
  for (const { at: from, end } of membersFrom(text, at)) {
    if (text[from] !== '{') return null;
    records += 1;
    const record = text.slice(from, end);
    urls += record.match(/https?:\/\//gi)?.length ?? 0;
    images += record.match(/\.(?:jpe?g|png|gif|webp|tiff?)\b/gi)?.length ?? 0;
    if (records >= MOST_COUNTED) break;
  }
  // One object in another is rarely a list of records.
  if (text[at] === '{' && records < 2) return null;
  return { key, records, urls, images };
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
      const keyEnd = text[at] === '"' ? valueEnd(text, at, false) : -1;
      if (keyEnd < 0) return;
      key = text.slice(at + 1, keyEnd - 1);
      at = skipBlank(text, skipBlank(text, keyEnd) + 1);
      if (at >= text.length) return;
    }
    const found = valueEnd(text, at, false);
    const end = found < 0 ? text.length : found;
    yield { key, at, end };
    at = skipBlank(text, end);
    if (text[at] !== ',') return;
    at = skipBlank(text, at + 1);
  }
}
