/** One JSON record as text fields: strings as they are, numbers with their own digits, nested values as JSON text. */
import { valueEnd } from './json-splitter';

export interface JsonField {
  /** null for null. */
  readonly text: string | null;
  /** A boolean, array or object: no id can be made of it. */
  readonly isNoId: boolean;
}

export type JsonFields = ReadonlyMap<string, JsonField>;

/** The record's fields by trimmed name, or in words why there are none. **Errors** none. */
export function parseJsonRecord(text: string): JsonFields | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return `not valid JSON (${error instanceof Error ? error.message.slice(0, 200) : 'unknown'})`;
  }
  if (Array.isArray(value)) return 'an array where an object belongs';
  if (typeof value !== 'object' || value === null) return `${typeof value} where an object belongs`;
  return members(text);
}

/** Text that is known to be a valid object: JSON.parse would lose the digits of large numbers. */
function members(text: string): JsonFields | string {
  const fields = new Map<string, JsonField>();
  let at = afterBlank(text, afterBlank(text, 0) + 1);
  while (text[at] === '"') {
    const keyEnd = valueEnd(text, at, true);
    const name = String(JSON.parse(text.slice(at, keyEnd))).trim();
    const from = afterBlank(text, afterBlank(text, keyEnd) + 1);
    const end = valueEnd(text, from, true);
    if (fields.has(name)) return `the name ${JSON.stringify(name)} twice in one object`;
    fields.set(name, fieldOf(text.slice(from, end)));
    at = afterBlank(text, end);
    if (text[at] === ',') at = afterBlank(text, at + 1);
  }
  return fields;
}

function fieldOf(raw: string): JsonField {
  if (raw === 'null') return { text: null, isNoId: false };
  if (raw.startsWith('"')) return { text: String(JSON.parse(raw)), isNoId: false };
  return { text: raw, isNoId: /^[[{tf]/.test(raw) };
}

function afterBlank(text: string, from: number): number {
  let at = from;
  while (/[ \t\r\n]/.test(text[at] ?? '')) at += 1;
  return at;
}
