/**
 * Reads title, creators and rights of an XMP packet: RDF in XML, in which a property is an
 * attribute, an element, or a list of elements.
 *
 * @see ISO 16684-1, 7 and 8; Creative Commons, "XMP"; IPTC Photo Metadata Standard.
 */
import { SaxesParser } from 'saxes';
import type { CreditMetadata } from '../../contract/features/feature';
import type { CreditValues } from './credit';

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

/** Elements lie deeper in one another than in any packet. */
class TooDeep extends Error {
  override readonly name = 'TooDeep';
}

/**
 * The values of the known properties, by namespace and name. The parser goes on after a mistake, as
 * programs write packets that are no whole XML; it expands no entities of a document type.
 */
function propertiesOf(xml: string): ReadonlyMap<string, readonly string[]> {
  const values = new PropertyValues();
  const parser = new SaxesParser();
  parser.on('opentag', ({ name, attributes }) => {
    values.open(name, new Map(Object.entries(attributes)));
  });
  parser.on('closetag', () => {
    values.close();
  });
  parser.on('text', (text) => {
    values.addText(text);
  });
  parser.on('cdata', (text) => {
    values.addText(text);
  });
  parser.on('error', () => undefined);
  try {
    parser.write(xml).close();
  } catch (error) {
    if (!(error instanceof TooDeep)) throw error;
  }
  return values.found;
}

class PropertyValues {
  readonly found = new Map<string, string[]>();
  /** A declaration holds for the whole packet, as programs use it. */
  private readonly prefixes = new Map<string, string>();
  private readonly elements: string[] = [];

  /** @throws TooDeep. */
  open(name: string, attributes: ReadonlyMap<string, string>): void {
    if (this.elements.length >= MOST_DEPTH) throw new TooDeep();
    for (const [attribute, value] of attributes)
      if (attribute.startsWith('xmlns:')) this.prefixes.set(attribute.slice(6), value);
    const element = this.expanded(name);
    this.elements.push(element);
    for (const [attribute, value] of attributes) {
      const property = this.expanded(attribute);
      if (KNOWN.has(property)) this.add(property, value);
      if (KNOWN.has(element) && property === `${RDF}resource`) this.add(element, value);
    }
  }

  close(): void {
    this.elements.pop();
  }

  addText(text: string): void {
    const property = this.elements.findLast((name) => KNOWN.has(name));
    if (property !== undefined) this.add(property, text);
  }

  private add(property: string, value: string): void {
    const before = this.found.get(property) ?? [];
    if (before.length < MOST_VALUES && value.trim() !== '')
      this.found.set(property, [...before, value]);
  }

  /** `dc:title` as namespace and name. */
  private expanded(name: string): string {
    const [prefix = '', local = ''] = name.split(':');
    return `${this.prefixes.get(prefix) ?? ''}${local}`;
  }
}
