/** Values of IIIF documents, which differ between versions 2 and 3 of the Presentation API. */

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The objects of a list; of one object that one. */
export function objectsIn(value: unknown): readonly JsonObject[] {
  return (Array.isArray(value) ? value : [value]).filter(isObject);
}

/** `id` of version 3, `@id` of version 2; null when there is none. */
export function idOf(object: JsonObject): string | null {
  return textOf(object.id) ?? textOf(object['@id']);
}

/** `Manifest` for `sc:Manifest` of version 2 too; empty when there is none. */
export function typeOf(object: JsonObject): string {
  const [type = ''] = [object.type, object['@type']]
    .flat()
    .map((one) => textOf(one) ?? '')
    .filter(Boolean);
  return type.replace(/^[a-z]+:/, '');
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}

/** A number as text. */
export function numberOf(value: unknown): string | null {
  return typeof value === 'number' ? String(value) : textOf(value);
}

/**
 * A text in whatever languages: `{"en": ["A", "B"]}` of version 3, `"A"`, `{"@value": "A"}` or a
 * list of these of version 2. Of several languages the first is taken, and its texts are joined by
 * `; `.
 */
export function labelOf(value: unknown): string | null {
  if (Array.isArray(value)) {
    const texts = value.map(labelOf).filter((text) => text !== null);
    return texts.length === 0 ? null : texts.join('; ');
  }
  if (!isObject(value)) return textOf(value);
  return '@value' in value ? textOf(value['@value']) : labelOf(Object.values(value)[0] ?? null);
}
