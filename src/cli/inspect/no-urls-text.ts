/** Says why an inspection found no URLs, as far as the catalog shows it, and what to do. */
import type { ColumnFacts, Inspection } from '../../catalog/inspect/inspection';
import { shellWord } from '../../contract/commands/shell-word';
import { amountText } from '../../contract/quantities';
import { printable } from '../terminal';

/** A path on somebody's computer: of Windows, of a network, or as a URL. */
const LOCAL_FILE = /^(?:[a-z]:[\\/]|\\\\|file:)/i;
/** An image in a column of bytes, as DuckDB writes these as text: JPEG, PNG, GIF, WebP. */
const IMAGE_BYTES = /^(?:\\xFF\\xD8\\xFF|\\x89PNG|GIF8|RIFF)/;
const OTHER_SCHEME = /^(?!https?:)[a-z][a-z0-9+.-]*:\/\//i;

/** Returns one or two sentences. */
export function noUrlsText(found: Inspection): readonly string[] {
  const { records, rejected, isWhole, columns } = found;
  if (records === 0 && rejected === 0) return ['The catalog has no records.'];
  const address = addressOfOtherKind(columns);
  if (address !== null) return [address];
  if (found.delimiter !== null && columns.length === 1 && isFixedWidth(columns))
    return [
      `No column holds URLs: the columns seem to be aligned with blanks (fixed-width text), which is not read. Write it as CSV, for example with pandas.read_fwf("FILE").to_csv("works.csv", index=False).`,
    ];
  if (found.delimiter !== null && columns.length === 1)
    return [
      `No column holds URLs: the whole of each row is in one column. Are the fields separated by another character? --input '{"delimiter":"^"}' names it. Is each row in quotes as a whole? Remove these quotes.`,
    ];
  const inside = urlInsideText(columns);
  if (inside !== null) return [inside];
  const where = isWhole ? '' : ` in the first ${amountText(records)} records`;
  const below = isWhole ? '' : ' Does one further below? --url-column NAME takes it.';
  return [
    `No column holds URLs${where}.${below} Are they made of columns? ${recordsOption(found)}--url-template https://example.org/{id}.jpg makes them.`,
  ];
}

/** The option with which a run finds the records of a JSON file. */
function recordsOption({ lists: [list] }: Inspection): string {
  return list === undefined ? '' : `--records ${shellWord(list.key)} `;
}

/** Whether the only name and the first cell of the only column have wide gaps. */
function isFixedWidth([only]: readonly ColumnFacts[]): boolean {
  const hasGap = (text = ''): boolean => /\S {2,}\S/.test(text);
  return only !== undefined && hasGap(only.name) && hasGap(only.examples[0]);
}

/** Returns a sentence about a column that has images instead of their URLs; null without one. */
export function imagesInsideText(columns: readonly ColumnFacts[]): string | null {
  const found = columns.find(({ examples }) => IMAGE_BYTES.test(examples[0] ?? ''));
  if (found === undefined) return null;
  return `The column ${printable(found.name)} holds images themselves, which are in the catalog and need no download.`;
}

/** URLs stand between words, so that nothing shows where they end. */
function urlInsideText(columns: readonly ColumnFacts[]): string | null {
  for (const { name, examples } of columns) {
    const found = examples.find((text) => /https?:\/\/./i.test(text));
    if (found === undefined) continue;
    return `The column ${printable(name)} has URLs inside other text: ${printable(found)}. Write them into a column of their own, several with | between them.`;
  }
  return null;
}

/** Files are named, but not by URLs that can be requested. */
function addressOfOtherKind(columns: readonly ColumnFacts[]): string | null {
  for (const { name, examples } of columns) {
    const [first = ''] = examples;
    if (!LOCAL_FILE.test(first) && !OTHER_SCHEME.test(first)) continue;
    const what = LOCAL_FILE.test(first) ? 'paths of local files' : 'addresses';
    return `The column ${printable(name)} holds ${what} such as ${printable(first)}, and only http and https URLs are requested. Write such URLs of the same files into the catalog.`;
  }
  return null;
}
