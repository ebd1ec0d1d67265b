/** JSON as Python writes it: with NaN and Infinity, which JSON does not have. */
import { valueEnd } from './json-splitter';

/**
 * The same text as JSON: NaN, by which data frames mean that there is no value, becomes null, and
 * Infinity a string.
 */
export function withoutNaN(text: string): string {
  const parts: string[] = [];
  const mark = /"|-?Infinity\b|\bNaN\b/g;
  let start = 0;
  for (let match = mark.exec(text); match !== null; match = mark.exec(text)) {
    const [found] = match;
    if (found === '"') {
      const end = valueEnd(text, match.index, true);
      if (end < 0) break;
      mark.lastIndex = end;
      continue;
    }
    parts.push(text.slice(start, match.index), found === 'NaN' ? 'null' : `"${found}"`);
    start = mark.lastIndex;
  }
  return parts.join('') + text.slice(start);
}
