/** One JSON record as text fields: strings as they are, numbers with their own digits, nested values as JSON text. */
import { jsonField, jsonMembers, type JsonField } from './json-value';

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
  return fieldsOf(text);
}

function fieldsOf(text: string): JsonFields | string {
  const fields = new Map<string, JsonField>();
  for (const [name, raw] of jsonMembers(text)) {
    if (fields.has(name)) return `the name ${JSON.stringify(name)} twice in one object`;
    fields.set(name, jsonField(raw));
  }
  return fields;
}
