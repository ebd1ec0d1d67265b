/** Writes the result of an inspection as text for users. */
import Table from 'cli-table3';
import { MOST_COUNTED } from '../../catalog/inspect/find-record-lists';
import type { ColumnFacts, Inspection, Proposal } from '../../catalog/inspect/inspection';
import { IMAGE_NAME } from '../../catalog/inspect/url-kind';
import { WHOLE_FILE } from '../../catalog/json/json-records-splitter';
import { BASE_TO_FILL_IN, hasScheme } from '../../contract/catalog/url-template';
import { shellWord } from '../../contract/commands/shell-word';
import { amountText } from '../../contract/quantities';
import { printable } from '../terminal';
import { imagesInsideText, noUrlsText } from './no-urls-text';

const MOST_COLUMNS = 60;
const EXAMPLE_LENGTH = 48;

const NAMES: Readonly<Record<string, string>> = {
  ',': 'commas',
  ';': 'semicolons',
  '\t': 'tabs',
  '|': 'bars',
  '^': 'carets',
  '~': 'tildes',
  ' ': 'blanks',
};

/**
 * Returns several lines: how the file is written, its columns, and what users must know before a
 * run.
 *
 * @param fetching the command that fetches the manifests of a IIIF collection; null: there are
 *   none.
 */
export function inspectionText(found: Inspection, fetching: string | null = null): string {
  const lines = [dialectLine(found), sampleLine(found), '', columnTable(found)];
  return [...lines, ...referenceNotes(found, fetching), ...notes(found)].join('\n');
}

function referenceNotes({ references }: Inspection, fetching: string | null): readonly string[] {
  const [first] = references;
  if (first === undefined || fetching === null) return [];
  const count =
    references.length === 1 ? '1 manifest is' : `${amountText(references.length)} manifests are`;
  return [
    `${count} only referenced, and not fetched; the first is ${printable(first)}. This command fetches them into a folder, and looks at it:`,
    `  ${fetching}`,
  ];
}

function dialectLine({
  format,
  packing,
  encoding,
  delimiter,
  quote,
  ...found
}: Inspection): string {
  const parts: string[] = [packing === null ? format : `${format} in ${packing}`];
  if (format !== 'parquet') parts.push(encoding);
  if (delimiter !== null) {
    parts.push(`fields between ${NAMES[delimiter] ?? JSON.stringify(delimiter)}`);
    parts.push(
      quote === null
        ? 'no quotes'
        : `quotes ${quote}${found.escape === null ? '' : ` after ${found.escape}`}`,
    );
    parts.push(found.hasHeader ? headerText(found.titleRows) : 'no header');
  }
  return `Format: ${parts.join(', ')}`;
}

function headerText(titleRows: number): string {
  return titleRows === 0 ? 'a header' : `a header below ${titleRows} other rows`;
}

function sampleLine({ records, isWhole, rejected, firstProblem }: Inspection): string {
  const read = `Records: ${isWhole ? '' : 'the first '}${amountText(records)}`;
  if (rejected === 0) return read;
  return `${read}, and ${amountText(rejected)} that cannot be taken (${printable(firstProblem ?? '')})`;
}

function columnTable({ columns }: Inspection): string {
  const table = new Table({
    head: ['column', 'filled', 'distinct', 'URLs', 'example'],
    style: { head: [], border: [], compact: true },
  });
  for (const column of columns.slice(0, MOST_COLUMNS))
    table.push([
      printable(column.name),
      amountText(column.filled),
      `${amountText(column.distinct)}${column.isDistinctCut ? '+' : ''}`,
      urlText(column.urls),
      example(column),
    ]);
  const more = columns.length - MOST_COLUMNS;
  return more > 0 ? `${table.toString()}\n… and ${more} more columns` : table.toString();
}

const KINDS = { image: 'images', page: 'pages', other: 'other files', unknown: 'URLs' } as const;

function urlText(urls: ColumnFacts['urls']): string {
  if (urls === null) return '';
  const kind = KINDS[urls.kind];
  const relative = urls.absolute * 2 < urls.count ? `${kind}, relative` : kind;
  return urls.isSeveral ? `${relative}, several a record` : relative;
}

function example({ examples }: ColumnFacts): string {
  const [first = ''] = examples;
  const line = printable(first.replaceAll(/\s+/g, ' '));
  return line.length > EXAMPLE_LENGTH ? `${line.slice(0, EXAMPLE_LENGTH)}…` : line;
}

function notes(found: Inspection): readonly string[] {
  const { lists, references, columns, proposal, urls, taken, isWhole } = found;
  const inside = imagesInsideText(columns);
  const lines = [...encodingNote(found), ...(inside === null ? [] : [inside])];
  if (lists.length > 0) {
    const named = lists.map(
      ({ key, records }) =>
        `${key === WHOLE_FILE ? 'the members of the file' : printable(key)} (${amountText(records)}${records >= MOST_COUNTED ? ' or more' : ''})`,
    );
    const what = proposal === null ? 'Records' : 'Lists of objects with URLs';
    lines.push(`${what}: ${named.join(', ')}`);
  }
  if (proposal === null && references.length > 0) return lines;
  if (proposal === null) lines.push(...noUrlsText(found));
  else {
    const part = isWhole ? '' : ' of these records';
    lines.push(
      `The command takes ${amountText(taken)} of the ${amountText(urls)} different URLs${part}${placeOfUrls(proposal)}.`,
    );
    lines.push(
      ...otherValuesNote(found),
      ...pagesNote(columns, proposal),
      ...unknownNote(columns, proposal),
    );
    lines.push(...relativeNotes(columns, proposal));
  }
  return lines;
}

/** The bytes of most texts are valid in many encodings, so only a reader sees which one it is. */
function encodingNote({ encoding, format }: Inspection): readonly string[] {
  if (format === 'parquet' || format === 'dwca' || encoding.startsWith('utf-')) return [];
  return [
    `The catalog is not UTF-8, and was read as ${encoding}. If letters above are wrong, name its encoding, such as windows-1251 or gb18030, in the place of that one.`,
  ];
}

/** Values in the columns of the command that become images which cannot be requested. */
function otherValuesNote({ others, firstOther, columns, proposal }: Inspection): readonly string[] {
  if (firstOther === null) return [];
  const value = printable(firstOther);
  const asked = columns.filter(({ name }) => proposal?.columns.url.includes(name));
  if (others === 1 && asked.some(({ examples }) => examples[0] === firstOther))
    return [
      `The first value there is no URL: ${value}. Is its row a second one of the header, with units or in another language? Remove it from the file; the run reports it as ${codeOf(firstOther)}.`,
    ];
  if (others === 1)
    return [
      `Another value there is no URL, and the run reports each as ${codeOf(firstOther)}: ${value}`,
    ];
  return [
    `${amountText(others)} other values are no URLs, and the run reports each as bad_url, or as scheme where it has another one than http: ${value}`,
  ];
}

/** The code of the outcome of such a value. */
function codeOf(text: string): 'scheme' | 'bad_url' {
  return hasScheme(text) ? 'scheme' : 'bad_url';
}

/** Pages are the only URLs that the catalog has. */
function pagesNote(
  columns: readonly ColumnFacts[],
  { columns: { url } }: Proposal,
): readonly string[] {
  const asked = columns.filter(({ name }) => url.includes(name));
  if (asked.length === 0 || asked.some(({ urls }) => urls?.kind !== 'page')) return [];
  return [
    'These URLs seem to lead to pages that show images, and pages are not stored. Where the files themselves have other URLs, write those into the catalog.',
  ];
}

/** Neither the URLs nor the names of their columns say that these are images. */
function unknownNote(
  columns: readonly ColumnFacts[],
  { columns: { url } }: Proposal,
): readonly string[] {
  const asked = columns.filter(({ name }) => url.includes(name));
  const isUnknown = ({ name, urls }: ColumnFacts): boolean =>
    urls?.kind === 'unknown' && !IMAGE_NAME.test(name);
  if (asked.length === 0 || !asked.every(isUnknown)) return [];
  return [
    'Nothing shows that these URLs lead to images: try a few first, with --limit 10. Are the URLs of the images made of columns? --url-template https://example.org/{id}.jpg makes them.',
  ];
}

/** A list of URLs has no columns to speak of. */
function placeOfUrls({ columns: { url } }: Proposal): string {
  if (url.length === 0) return '';
  return url.length === 1 ? ' in this column' : ' in these columns';
}

/**
 * What the command does with URLs without a scheme, and what would take those that it leaves out.
 */
function relativeNotes(
  columns: readonly ColumnFacts[],
  { columns: { url }, needsBase, baseUrl }: Proposal,
): readonly string[] {
  if (needsBase)
    return [`The URLs are relative: write what is before them in the place of ${BASE_TO_FILL_IN}.`];
  if (baseUrl !== undefined)
    return ['The URLs have no scheme: the command puts https: before them.'];
  return columns
    .filter(({ urls }) => urls?.kind === 'image' && urls.absolute < urls.count)
    .map(({ name, urls }) => {
      const count = amountText((urls?.count ?? 0) - (urls?.absolute ?? 0));
      const option = url.includes(name) ? '' : `--url-column ${shellWord(name)} `;
      return `${count} of the URLs in ${printable(name)} are relative, and the command does not take them. ${option}--base-url ${BASE_TO_FILL_IN} does, with the host and path filled in.`;
    });
}
