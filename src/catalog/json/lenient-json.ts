/**
 * JSON as programs and people write it beyond the standard: Python's NaN and Infinity, and a comma
 * behind the last member.
 */
import { valueEnd } from './json-splitter';

/**
 * Converts the text to standard JSON. NaN, which data frames use for a missing value, becomes null,
 * Infinity becomes a string, and a comma before a closing bracket is dropped.
 */
export function standardJson(text: string): string {
  const parts: string[] = [];
  const mark = /"|-?Infinity\b|\bNaN\b|,(?=\s*[\]}])/g;
  let start = 0;
  for (let match = mark.exec(text); match !== null; match = mark.exec(text)) {
    const [found] = match;
    if (found === '"') {
      const end = valueEnd(text, match.index, { isComplete: true });
      if (end < 0) break;
      mark.lastIndex = end;
      continue;
    }
    parts.push(text.slice(start, match.index), STANDARD[found] ?? `"${found}"`);
    start = mark.lastIndex;
  }
  return parts.join('') + text.slice(start);
}

const STANDARD: Readonly<Record<string, string>> = { NaN: 'null', ',': '' };

/** Removes the comma behind a line that is one element of an array. */
export function withoutLastComma(line: string): string {
  const text = line.trimEnd();
  return text.endsWith(',') ? text.slice(0, -1) : line;
}
