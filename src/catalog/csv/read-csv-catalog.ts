/** Reads CSV and TSV rows into the staging. */
import { StepError } from '../../contract/errors';
import { asksForColumns, checkColumns, hasColumns } from '../catalog-columns';
import type { CatalogReading } from '../catalog-reading';
import { inPlaces } from '../catalog-staging';
import { chooseLayout, isEnoughToChoose } from './choose-dialect';
import { CsvReader } from './csv-reader';
import { fitsWidth, widthOfHeader, widthOfRow, widthProblem, type RowWidth } from './row-width';
import type { CsvRow } from './csv-reader';
import { readText } from '../text/text-window';

/** @throws StepError `catalog_columns`, `catalog_format`, `input`. */
export async function readCsvCatalog(reading: CatalogReading): Promise<void> {
  const { job, file, onRest, imageRows } = reading;
  const isHeader = asksForColumns(imageRows)
    ? (fields: readonly string[]) => hasColumns(columnNames(fields, job.header), imageRows)
    : null;
  let reader: CsvReader | null = null;
  let taker: RowTaker | null = null;
  let titleRows = 0;
  let hasRowNames = false;
  for await (const window of readText({ ...job, file, onRest })) {
    if (reader === null) {
      if (!isEnoughToChoose(window)) continue;
      const layout = chooseLayout(window, job, isHeader);
      reader = new CsvReader(layout.dialect, job.name);
      ({ titleRows, hasRowNames } = layout);
      reading.onLayout?.(layout);
    }
    for (const row of reader.read(window)) {
      if (titleRows > 0) {
        titleRows -= 1;
        continue;
      }
      if (taker === null) {
        taker = new RowTaker(row, reading, { encoding: window.encoding, hasRowNames });
        reader.width = taker.width;
        if (job.header !== false) continue;
      }
      const full = taker.take(row);
      if (full !== undefined) await full;
    }
  }
}

/** A column without a name has that of its number, by which the input may ask for it. */
function columnNames(fields: readonly string[], header: boolean | undefined): readonly string[] {
  return fields.map((name, index) => {
    const trimmed = header === false ? '' : name.trim();
    return trimmed === '' ? `column_${index + 1}` : trimmed;
  });
}

const DASHES = /^\s*(?::-+:?|-+:|-{2,})\s*$/;
/** A line that crosses the lines between the columns, as Org mode and psql draw it. */
const CROSSED = /^\s*-+(?:\+-+)+\s*$/;

/**
 * Whether each field of a row that fits the header is dashes, or the row is one line of them. The
 * fields at its ends may be empty.
 */
function isRuler(fields: readonly string[], width: RowWidth): boolean {
  const inner = fields.slice(fields[0] === '' ? 1 : 0, fields.at(-1) === '' ? -1 : undefined);
  if (inner.length === 1 && CROSSED.test(inner[0] ?? '')) return true;
  return fitsWidth(fields, width) && inner.length > 0 && inner.every((text) => DASHES.test(text));
}

/** Takes the rows of one file. */
class RowTaker {
  /** The catalog's column for each column of the file; null when they are the same. */
  readonly #places: readonly number[] | null;
  readonly #first: readonly string[];
  readonly width: RowWidth;

  readonly #encoding: string;
  #isBelowHeader = true;

  /** Names the columns by the first row, or by their numbers. */
  constructor(
    first: CsvRow,
    private readonly reading: CatalogReading,
    { encoding, hasRowNames }: { readonly encoding: string; readonly hasRowNames: boolean },
  ) {
    const { job, staging, imageRows } = reading;
    this.#encoding = encoding;
    const problem = first.badEncoding ? `not valid ${encoding}` : first.problem;
    if (problem !== null) {
      throw new StepError(
        'catalog_format',
        `The catalog ${job.name}, line ${first.line}: the header cannot be read (${problem}). Set \`encoding\`, \`delimiter\` or \`quote\`, or correct the header.`,
      );
    }
    const fields = hasRowNames ? ['', ...first.fields] : first.fields;
    const names = columnNames(fields, job.header);
    checkColumns(names, imageRows, job.name);
    this.#places = staging.addColumns(names);
    this.#first = first.fields;
    this.width = job.header === false ? widthOfRow(fields) : widthOfHeader(fields);
  }

  take(row: CsvRow): Promise<void> | undefined {
    const { job, rows } = this.reading;
    const isBelowHeader = this.#isBelowHeader;
    this.#isBelowHeader = false;
    if (job.header !== false && (this.#isHeaderAgain(row) || (isBelowHeader && this.#isRuler(row))))
      return undefined;
    const place = rows.next(row.line);
    if (row.badEncoding) {
      rows.rejectEncoding(place, this.#encoding);
      return undefined;
    }
    const setBy = job.header === false ? 'first row' : 'header';
    const problem = row.problem ?? widthProblem(row.fields, this.width, setBy);
    if (problem !== null) {
      rows.reject(place, 'bad_row', problem);
      return undefined;
    }
    const { most } = this.width;
    const cells = row.fields.length > most ? row.fields.slice(0, most) : row.fields;
    return rows.take({ ...place, values: inPlaces(cells, this.#places), noIds: null });
  }

  /** Tables of Markdown and of psql have a line of dashes below their header. */
  #isRuler({ fields, problem }: CsvRow): boolean {
    return problem === null && isRuler(fields, this.width);
  }

  /** Files that were put one behind another have a header inside. */
  #isHeaderAgain({ fields }: CsvRow): boolean {
    if (fields[0] !== this.#first[0] || fields.length !== this.#first.length) return false;
    return fields.every((field, index) => field === this.#first[index]);
  }
}
