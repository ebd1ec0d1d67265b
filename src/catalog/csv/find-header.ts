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

/** How many rows are above the header; null when no row of the first ones is the header. */
export function findHeader(
  rows: Iterable<CsvRow>,
  { isHeader, mayHaveTitles }: { readonly isHeader: IsHeader; readonly mayHaveTitles: boolean },
): { readonly titleRows: number } | null {
  let titleRows = 0;
  for (const { fields } of rows) {
    if (isHeader(fields)) return { titleRows };
    titleRows += 1;
    if (!mayHaveTitles || titleRows > MOST_TITLE_ROWS) break;
  }
  return null;
}
