/**
 * Where the header of a CSV or TSV catalog is: spreadsheets and reports put titles above it, and
 * Excel a line that names the separator.
 */
import type { CsvRow } from './csv-reader';

/** Whether these are the names of the columns that the input asks for. */
export type IsHeader = (fields: readonly string[]) => boolean;

/** The header is looked for in the first rows. */
const MOST_TITLE_ROWS = 50;

const SEPARATOR_LINE = /^"?sep=([^"\r\n])"?[ \t]*(?:\r|\n|$)/i;

/** The delimiter that the first line names, as Excel reads and writes it: `sep=;`. */
export function separatorLine(text: string): string | null {
  return SEPARATOR_LINE.exec(text.slice(0, 20))?.[1] ?? null;
}

/** The number of first rows whose numbers of fields are counted. */
const MOST_MEASURED = 1_000;

/**
 * From this width on, a row with one filled cell is a title that was padded to the table's width.
 */
const LEAST_PADDED = 3;

/**
 * The number of rows above the header, when the names of the columns are not known. The header is
 * the first row that has as many fields as most rows have, and is no title in one cell.
 */
export function titleRowsByWidth(rows: Iterable<CsvRow>): number {
  const measured: string[][] = [];
  for (const { fields } of rows) {
    measured.push(fields.map((field) => field.trim()));
    if (measured.length >= MOST_MEASURED) break;
  }
  const filled = measured.map((fields) => fields.filter((field) => field !== '').length);
  // Delimiters behind the last column that any row fills count in no row.
  const ends = measured.map((fields) => 1 + fields.findLastIndex((field) => field !== ''));
  const lastFilled = Math.max(0, ...ends);
  const widths = measured.map((fields) => Math.min(fields.length, lastFilled));
  const counts = new Map<number, number>();
  for (const width of widths) counts.set(width, (counts.get(width) ?? 0) + 1);
  const [usual] = [...counts].sort(([, one], [, other]) => other - one)[0] ?? [0];
  const isTitle = (index: number): boolean => usual >= LEAST_PADDED && (filled[index] ?? 0) <= 1;
  const header = widths.findIndex((width, index) => width === usual && !isTitle(index));
  const [above = [], below = []] = measured.slice(Math.max(0, header - 1));
  return header > 0 && beginsWithName(above, below) ? header - 1 : Math.max(0, header);
}

/**
 * Whether the first row below the header begins with a name of the row, for which the header has no
 * field, as R's `write.table` writes. A header below a title has one field more than the title too,
 * so the row must have a URL, or be called 1, as R calls the first row of most tables.
 */
export function beginsWithName(header: readonly string[], row: readonly string[]): boolean {
  if (row.length !== header.length + 1 || header.length < 2) return false;
  const isNamed = header.every((name) => name.trim() !== '') && row.at(-1) !== '';
  return isNamed && (row[0] === '1' || row.some((field) => /^https?:\/\//i.test(field.trim())));
}

/** The number of rows above the header; null when none of the first rows is the header. */
export function findHeader(
  rows: Iterable<CsvRow>,
  isHeader: IsHeader,
  mayHaveTitles: boolean,
): number | null {
  let titleRows = 0;
  for (const { fields } of rows) {
    if (isHeader(fields)) return titleRows;
    titleRows += 1;
    if (!mayHaveTitles || titleRows > MOST_TITLE_ROWS) break;
  }
  return null;
}
