/** JSON as Python writes it, with NaN and Infinity, which the standard does not allow. */
import { valueEnd } from './json-splitter';

/**
 * Converts the text to standard JSON. NaN, which data frames use for a missing value, becomes null,
 * and Infinity becomes a string.
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
