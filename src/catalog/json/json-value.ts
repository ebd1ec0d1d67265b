/** Values inside JSON text that is known to be valid. JSON.parse would lose the digits of large numbers. */
import { skipBlank, valueEnd } from './json-splitter';

export interface JsonField {
  /** null for null. */
  readonly text: string | null;
  /** A boolean, array or object: no id can be made of it. */
  readonly isNoId: boolean;
}

/** A value as text: strings as they are, numbers with their own digits, nested values as JSON text. */
export function jsonField(raw: string): JsonField {
  if (raw === 'null') return { text: null, isNoId: false };
  if (raw.startsWith('"')) return { text: String(JSON.parse(raw)), isNoId: false };
  return { text: raw, isNoId: /^[[{tf]/.test(raw) };
}

const EXTENDED =
  /^\{\s*"\$(?:oid|uuid|numberInt|numberLong|numberDecimal)"\s*:\s*"([^"\\]*)"\s*\}$/;

/**
 * A value that MongoDB writes as an object, `{"$oid":"507f1f77"}`, as what it stands for; other
 * values as they are.
 *
 * @see MongoDB Extended JSON (v2)
 */
export function plainField(field: JsonField): JsonField {
  const value = field.isNoId ? EXTENDED.exec(field.text ?? '')?.[1] : undefined;
  return value === undefined ? field : { text: value, isNoId: false };
}

/** The members of an object in their order, with trimmed names and the JSON text of their values; none for other values. */
export function* jsonMembers(text: string): Generator<readonly [name: string, raw: string]> {
  let at = skipBlank(text, 0);
  if (text[at] !== '{') return;
  at = skipBlank(text, at + 1);
  while (text[at] === '"') {
    const keyEnd = valueEnd(text, at, true);
    const name = String(JSON.parse(text.slice(at, keyEnd))).trim();
    const from = skipBlank(text, skipBlank(text, keyEnd) + 1);
    const end = valueEnd(text, from, true);
    yield [name, text.slice(from, end)];
    at = skipBlank(text, end);
    if (text[at] === ',') at = skipBlank(text, at + 1);
  }
}

/** The JSON text of the first member of that name; undefined when there is none. */
export function jsonMember(text: string, name: string): string | undefined {
  for (const [found, raw] of jsonMembers(text)) if (found === name) return raw;
  return undefined;
}

/** The JSON texts of an array's elements, or of an object's values; none for other values. */
export function jsonElements(text: string): readonly string[] {
  const elements: string[] = [];
  let at = skipBlank(text, 0);
  if (text[at] !== '[') return [...jsonMembers(text)].map(([, raw]) => raw);
  at = skipBlank(text, at + 1);
  while (at < text.length && text[at] !== ']') {
    const end = valueEnd(text, at, true);
    elements.push(text.slice(at, end));
    at = skipBlank(text, end);
    if (text[at] === ',') at = skipBlank(text, at + 1);
  }
  return elements;
}
