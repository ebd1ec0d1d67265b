/**
 * Reads `meta.xml` of a Darwin Core archive, which describes the tables of the archive.
 *
 * Only elements, attributes and text are understood. A document type, by which XML defines entities
 * that expand without end, is refused.
 *
 * @see https://dwc.tdwg.org/text/
 */

/** A column of a table: at an index of its rows, or with one value in all of them. */
export interface ArchiveField {
  /** The last part of the term's URI. */
  readonly name: string;
  readonly index: number | null;
  readonly value: string | null;
}

/** A table of the archive. */
export interface ArchiveTable {
  readonly isCore: boolean;
  /** The last part of the row type's URI, for example `Occurrence` or `Multimedia`. */
  readonly rowType: string;
  /** Paths beside `meta.xml`. */
  readonly locations: readonly string[];
  readonly encoding: string;
  readonly delimiter: string;
  readonly quote: string | null;
  readonly headerRows: number;
  readonly fields: readonly ArchiveField[];
}

type Attributes = ReadonlyMap<string, string>;

interface Element {
  readonly name: string;
  readonly attributes: Attributes;
  readonly children: Element[];
  text: string;
}

const MOST_DEPTH = 20;
const MARKUP =
  /<\?[\s\S]*?\?>|<!--[\s\S]*?-->|<!|<(\/?)([\w:.-]+)((?:\s+[\w:.-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|<|[^<]+/g;
const ATTRIBUTE = /([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

/** @returns the tables, or a text that says why they are not described. */
export function parseMetafile(text: string): readonly ArchiveTable[] | string {
  const root = parseXml(text);
  if (typeof root === 'string') return root;
  const tables = root.children.filter(({ name }) => name === 'core' || name === 'extension');
  const parsed: ArchiveTable[] = [];
  for (const element of tables) {
    const table = tableOf(element);
    if (typeof table === 'string') return table;
    parsed.push(table);
  }
  return parsed.some(({ isCore }) => isCore) ? parsed : 'it describes no core';
}

function tableOf({ name, attributes, children }: Element): ArchiveTable | string {
  const isCore = name === 'core';
  const lineEnd = unescaped(attributes.get('linesTerminatedBy') ?? '\n');
  if (!['\n', '\r\n', '\r'].includes(lineEnd)) return `lines end with ${JSON.stringify(lineEnd)}`;
  const delimiter = unescaped(attributes.get('fieldsTerminatedBy') ?? ',');
  const quote = unescaped(attributes.get('fieldsEnclosedBy') ?? '"');
  if (delimiter.length !== 1 || quote.length > 1)
    return `fields are separated by ${JSON.stringify(delimiter)} and enclosed by ${JSON.stringify(quote)}`;
  const files = children.filter((child) => child.name === 'files');
  const locations = files.flatMap((child) => child.children.map(({ text }) => text.trim()));
  if (locations.length === 0) return `a table of ${rowTypeOf(attributes)} has no file`;
  return {
    isCore,
    rowType: rowTypeOf(attributes),
    locations,
    encoding: attributes.get('encoding') ?? 'utf-8',
    delimiter,
    quote: quote === '' ? null : quote,
    headerRows: indexOf(attributes.get('ignoreHeaderLines')) ?? 0,
    fields: fieldsOf(children),
  };
}

/** The key of a row comes first, as the column `id` of the core and `coreid` of an extension. */
function fieldsOf(children: readonly Element[]): readonly ArchiveField[] {
  const fields: ArchiveField[] = [];
  for (const { name, attributes } of children) {
    const isKey = name === 'id' || name === 'coreid';
    if (!isKey && name !== 'field') continue;
    const index = indexOf(attributes.get('index'));
    const field = isKey ? name : lastPart(attributes.get('term') ?? '');
    const value = attributes.get('default') ?? null;
    if (index !== null || value !== null) fields.push({ name: field, index, value });
  }
  return fields;
}

function rowTypeOf(attributes: Attributes): string {
  return lastPart(attributes.get('rowType') ?? '');
}

function lastPart(uri: string): string {
  return uri.trim().split(/[/#]/).at(-1) ?? '';
}

function indexOf(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,4}$/.test(text.trim()) ? Number(text) : null;
}

/** `\t` and the like, as the metafile writes characters that XML would lose. */
function unescaped(text: string): string {
  const meant: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r' };
  return text.replaceAll(/\\([tnr\\])/g, (_, letter: string) => meant[letter] ?? letter);
}

/** The root element, or a text that says why the XML is not read. */
function parseXml(text: string): Element | string {
  const top: Element = { name: '', attributes: new Map(), children: [], text: '' };
  const open: Element[] = [top];
  for (const [markup, closing, name = '', attributes = '', empty] of text.matchAll(MARKUP)) {
    const current = open.at(-1) ?? top;
    if (markup.startsWith('<?') || markup.startsWith('<!--')) continue;
    if (markup === '<' || markup === '<!')
      return 'it has markup that is not read here, such as a document type';
    if (name === '') current.text += decoded(markup);
    else if (closing === '/') {
      if (open.length < 2 || current.name !== localName(name))
        return `</${name}> stands where <${current.name}> is open`;
      open.pop();
    } else {
      const element: Element = {
        name: localName(name),
        attributes: attributesOf(attributes),
        children: [],
        text: '',
      };
      current.children.push(element);
      if (empty !== '/') open.push(element);
      if (open.length > MOST_DEPTH) return `more than ${MOST_DEPTH} elements are in one another`;
    }
  }
  const [root] = top.children;
  return open.length === 1 && root?.name === 'archive' ? root : 'it is no whole <archive>';
}

function localName(name: string): string {
  return name.split(':').at(-1) ?? name;
}

function attributesOf(text: string): Attributes {
  const found = [...text.matchAll(ATTRIBUTE)];
  return new Map(
    found.map(([, name = '', double, single]) => [name, decoded(double ?? single ?? '')]),
  );
}

const ENTITIES: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  apos: "'",
};

function decoded(text: string): string {
  return text.replaceAll(
    /&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w+));/gi,
    (whole, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return ENTITIES[name] ?? whole;
      const code = decimal === undefined ? parseInt(hex ?? '', 16) : Number(decimal);
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}
