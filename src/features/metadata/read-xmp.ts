/**
 * Reads title, creators and rights of an XMP packet: RDF in XML, in which a property is an
 * attribute, an element, or a list of elements.
 *
 * @see ISO 16684-1, 7 and 8; Creative Commons, "XMP"; IPTC Photo Metadata Standard.
 */
import type { CreditMetadata } from '../../contract/features/feature';
import type { CreditValues } from './credit';
import { xmlEvents } from './xml-events';

/** The rest of a longer packet is not read. */
const MOST_BYTES = 131_072;
const MOST_DEPTH = 50;
/** More than anybody writes of one field. */
const MOST_VALUES = 50;

const RDF = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#';
const DUBLIN_CORE = 'http://purl.org/dc/elements/1.1/';
const RIGHTS = 'http://ns.adobe.com/xap/1.0/rights/';
const CREATIVE_COMMONS = 'http://creativecommons.org/ns#';

/** The properties of each field, the preferred one first. */
const PROPERTIES: Readonly<Record<keyof CreditMetadata, readonly string[]>> = {
  title: [`${DUBLIN_CORE}title`],
  creator: [`${DUBLIN_CORE}creator`],
  copyright: [`${DUBLIN_CORE}rights`],
  licence: [`${CREATIVE_COMMONS}license`, `${RIGHTS}WebStatement`, `${RIGHTS}UsageTerms`],
};
const KNOWN: ReadonlySet<string> = new Set(Object.values(PROPERTIES).flat());

/** Never throws: what is no XMP has no values. */
export function readXmp(packet: Buffer): CreditValues {
  const values = propertiesOf(packet.toString('utf8', 0, MOST_BYTES));
  const valuesOf = (field: keyof CreditMetadata): readonly string[] =>
    PROPERTIES[field].map((name) => values.get(name) ?? []).find((found) => found.length > 0) ?? [];
  return {
    title: valuesOf('title'),
    creator: valuesOf('creator'),
    copyright: valuesOf('copyright'),
    licence: valuesOf('licence'),
  };
}

/** Prefixes and their namespaces. A declaration holds for the whole packet, as programs use it. */
type Prefixes = Map<string, string>;

/** The values of the known properties, by namespace and name. */
function propertiesOf(xml: string): ReadonlyMap<string, readonly string[]> {
  const prefixes: Prefixes = new Map();
  const values = new Map<string, string[]>();
  const add = (property: string, value: string): void => {
    const before = values.get(property) ?? [];
    if (before.length < MOST_VALUES && value.trim() !== '')
      values.set(property, [...before, value]);
  };
  const open: string[] = [];
  for (const event of xmlEvents(xml)) {
    if (event.kind === 'end') open.pop();
    else if (event.kind === 'text') {
      const property = open.findLast((name) => KNOWN.has(name));
      if (property !== undefined) add(property, event.text);
    } else {
      if (open.length >= MOST_DEPTH) break;
      declare(prefixes, event.attributes);
      const element = expanded(prefixes, event.name);
      open.push(element);
      for (const [name, value] of event.attributes) {
        const attribute = expanded(prefixes, name);
        if (KNOWN.has(attribute)) add(attribute, value);
        if (KNOWN.has(element) && attribute === `${RDF}resource`) add(element, value);
      }
    }
  }
  return values;
}

function declare(prefixes: Prefixes, attributes: ReadonlyMap<string, string>): void {
  for (const [name, value] of attributes)
    if (name.startsWith('xmlns:')) prefixes.set(name.slice('xmlns:'.length), value);
}

/** `dc:title` as namespace and name. */
function expanded(prefixes: Prefixes, name: string): string {
  const [prefix = '', local = ''] = name.split(':');
  return `${prefixes.get(prefix) ?? ''}${local}`;
}
