/** Values inside valid JSON text, without JSON.parse, which would round large numbers. */
import { skipBlank, valueEnd } from './json-splitter';

export interface JsonField {
  /** The value as text, or null for JSON's null. */
  readonly text: string | null;
  /** True for a boolean, array or object, because these cannot be ids. */
  readonly isNoId: boolean;
}

/**
 * Converts a JSON value to text. Strings are unescaped, numbers keep their digits, and nested
 * values stay JSON text.
 */
export function jsonField(raw: string): JsonField {
  if (raw === 'null') return { text: null, isNoId: false };
  if (raw.startsWith('"')) return { text: String(JSON.parse(raw)), isNoId: false };
  return { text: raw, isNoId: /^[[{tf]/.test(raw) };
}

const EXTENDED =
  /^\{\s*"\$(?:oid|uuid|numberInt|numberLong|numberDecimal)"\s*:\s*"([^"\\]*)"\s*\}$/;

/**
 * Converts a value that MongoDB writes as an object, such as `{"$oid":"507f1f77"}`, to the value
 * that it stands for. Other values are unchanged.
 *
 * @see MongoDB Extended JSON (v2)
 */
export function plainField(field: JsonField): JsonField {
  const value = field.isNoId ? EXTENDED.exec(field.text ?? '')?.[1] : undefined;
  return value === undefined ? field : { text: value, isNoId: false };
}

/**
 * Yields the members of an object in their order, with trimmed names and the JSON text of their
 * values. A value that is not an object has none.
 */
export function* jsonMembers(text: string): Generator<readonly [name: string, raw: string]> {
  let at = skipBlank(text, 0);
  if (text[at] !== '{') return;
  at = skipBlank(text, at + 1);
  while (text[at] === '"') {
    const keyEnd = valueEnd(text, at, { isComplete: true });
    const name = String(JSON.parse(text.slice(at, keyEnd))).trim();
    const from = skipBlank(text, skipBlank(text, keyEnd) + 1);
    const end = valueEnd(text, from, { isComplete: true });
    yield [name, text.slice(from, end)];
    at = skipBlank(text, end);
    if (text[at] === ',') at = skipBlank(text, at + 1);
  }
}

/** Returns the JSON text of the first member of that name, or undefined if there is none. */
export function jsonMember(text: string, name: string): string | undefined {
  for (const [found, raw] of jsonMembers(text)) if (found === name) return raw;
  return undefined;
}

/** Returns the JSON texts of an array's elements or an object's values; none for other values. */
export function jsonElements(text: string): readonly string[] {
  const elements: string[] = [];
  let at = skipBlank(text, 0);
  if (text[at] !== '[') return [...jsonMembers(text)].map(([, raw]) => raw);
  at = skipBlank(text, at + 1);
  while (at < text.length && text[at] !== ']') {
    const end = valueEnd(text, at, { isComplete: true });
    elements.push(text.slice(at, end));
    at = skipBlank(text, end);
    if (text[at] === ',') at = skipBlank(text, at + 1);
  }
  return elements;
}
