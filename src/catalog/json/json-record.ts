/**
 * Converts a JSON record to text fields. Strings are unchanged, numbers keep the digits of the
 * file, and nested values become JSON text.
 */
import { standardJson } from './lenient-json';
import { jsonOfPython } from './python-literal';
import { jsonElements, jsonField, jsonMembers, type JsonField } from './json-value';

export type JsonFields = ReadonlyMap<string, JsonField>;

/**
 * The record's fields by trimmed name, or in words why there are none. A URL that stands for a
 * record is the column `value`, and a text may be the JSON of the record.
 */
export function parseJsonRecord(text: string): JsonFields | string {
  const parsed = parseValue(text);
  if (typeof parsed === 'string') return parsed;
  const { value } = parsed;
  if (Array.isArray(value)) return 'an array where an object belongs';
  if (typeof value === 'string' && /^\s*https?:/i.test(value)) return valueAlone(parsed.text);
  if (typeof value === 'string' && /^\s*\{/.test(value)) return parseJsonRecord(value);
  if (typeof value !== 'object' || value === null) return `${typeof value} where an object belongs`;
  return fieldsOf(parsed.text);
}

/**
 * Converts a member of an object of records. Its name becomes the column `key`, unless the record
 * has a field of that name. A value that is not an object, such as a URL or a list of URLs, becomes
 * the column `value`.
 *
 * @returns the fields, or a text that says why there are none.
 */
export function parseKeyedRecord(key: string, text: string): JsonFields | string {
  const parsed = parseValue(text);
  if (typeof parsed === 'string') return parsed;
  const { value } = parsed;
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  const fields = isObject ? fieldsOf(parsed.text) : valueAlone(parsed.text);
  if (typeof fields === 'string' || fields.has('key')) return fields;
  return new Map([['key', { text: key, isNoId: false }], ...fields]);
}

/**
 * The elements of an array.
 *
 * @returns a text that says why there are none when this is no array.
 */
export function parseJsonArray(text: string): readonly JsonField[] | string {
  const parsed = parseValue(text);
  if (typeof parsed === 'string') return parsed;
  if (!Array.isArray(parsed.value)) return 'no array';
  return jsonElements(parsed.text).map(jsonField);
}

function valueAlone(text: string): JsonFields {
  return new Map([['value', jsonField(text.trim())]]);
}

/** The value, and the text that is JSON; in words why it is none. */
function parseValue(text: string): { readonly value: unknown; readonly text: string } | string {
  try {
    return { value: JSON.parse(text), text };
  } catch (error) {
    const corrected = /NaN|Infinity|,\s*[\]}]/.test(text) ? standardJson(text) : text;
    if (corrected !== text) return parseValue(corrected);
    const json = jsonOfPython(text);
    if (json !== null) return parseValue(json);
    return `not valid JSON (${error instanceof Error ? error.message.slice(0, 200) : 'unknown'})`;
  }
}

function fieldsOf(text: string): JsonFields | string {
  const fields = new Map<string, JsonField>();
  for (const [name, raw] of jsonMembers(text)) {
    if (fields.has(name)) return `the name ${JSON.stringify(name)} twice in one object`;
    fields.set(name, jsonField(raw));
  }
  return fields;
}
