/**
 * Reads `meta.xml` of a Darwin Core archive, which describes the tables of the archive.
 *
 * A document type, by which XML defines entities that expand without end, is refused.
 *
 * @see https://dwc.tdwg.org/text/
 */

import { SaxesParser } from 'saxes';

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

/** What is no whole XML, or not read here. */
class NotRead extends Error {
  override readonly name = 'NotRead';
}

/** The root element, or a text that says why the XML is not read. */
function parseXml(text: string): Element | string {
  const top: Element = { name: '', attributes: new Map(), children: [], text: '' };
  try {
    readInto(top, text);
  } catch (error) {
    if (error instanceof NotRead) return error.message;
    throw error;
  }
  const [root] = top.children;
  return root?.name === 'archive' ? root : 'it is no whole <archive>';
}

/** @throws NotRead. */
function readInto(top: Element, text: string): void {
  const open: Element[] = [top];
  const addText = (part: string): void => {
    const current = open.at(-1);
    if (current !== undefined) current.text += part;
  };
  const parser = new SaxesParser();
  parser.on('doctype', () => {
    throw new NotRead('it has a document type, which is not read here');
  });
  parser.on('opentag', ({ name, attributes }) => {
    const values = new Map(Object.entries(attributes));
    const element: Element = { name: localName(name), attributes: values, children: [], text: '' };
    open.at(-1)?.children.push(element);
    open.push(element);
    if (open.length > MOST_DEPTH)
      throw new NotRead(`more than ${MOST_DEPTH} elements are in one another`);
  });
  parser.on('closetag', () => {
    open.pop();
  });
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('error', ({ message }) => {
    throw new NotRead(`it is no whole XML (${message.slice(0, 200)})`);
  });
  parser.write(text).close();
}

function localName(name: string): string {
  return name.split(':').at(-1) ?? name;
}
