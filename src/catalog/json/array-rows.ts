/** Records that are JSON arrays: rows of cells, whose columns a line of names or numbers gives. */
import { hasColumns, asksForColumns } from '../catalog-columns';
import type { CatalogReading } from '../catalog-reading';
import { inPlaces } from '../catalog-staging';
import type { CatalogRecord } from '../records/catalog-record';
import { parseJsonArray } from './json-record';
import type { JsonField } from './json-value';

/** The cells of one record, in the order of the catalog's columns. */
export type ArrayCells = Pick<CatalogRecord, 'values' | 'noIds'>;

/** The columns of the arrays of one file. */
interface ArrayColumns {
  readonly width: number;
  /** Where the catalog has the columns; null: they are the catalog's in their order. */
  readonly places: readonly number[] | null;
  /** The text of the header; null when the columns are numbered. */
  readonly header: string | null;
}

/** Takes the arrays of one file. */
export class ArrayRows {
  readonly #reading: CatalogReading;
  #columns: ArrayColumns | null = null;

  constructor(reading: CatalogReading) {
    this.#reading = reading;
  }

  /**
   * Whether this record has the names of the columns: the first one of the file, if its names
   * include those that the input asks for, and any array that repeats it.
   */
  isHeader(text: string, isFirst: boolean): boolean {
    const { job, imageRows, staging } = this.#reading;
    if (job.header === false) return false;
    if (this.#columns !== null) return text === this.#columns.header;
    if (!isFirst) return false;
    const cells = parseJsonArray(text);
    if (typeof cells === 'string') return false;
    const names = cells.map((cell) => (cell.text ?? '').trim());
    // An inspection takes any array for a header first, and looks at the names afterwards.
    if (asksForColumns(imageRows) && !hasColumns(names, imageRows)) return false;
    const places = staging.addColumns(names);
    this.#columns = { width: names.length, places, header: text };
    this.#reading.onArrayHeader?.();
    return true;
  }

  /** The cells, or a text that says why there are none. */
  cellsOf(text: string): ArrayCells | string {
    const cells = parseJsonArray(text);
    if (typeof cells === 'string') return cells;
    const { job } = this.#reading;
    if (this.#columns === null && job.header === false) this.#columns = this.#numbered(cells);
    if (this.#columns === null) return 'an array where an object belongs';
    const { width, places, header } = this.#columns;
    if (cells.length !== width) {
      const setBy = header === null ? 'first array' : 'header';
      return `an array of ${cells.length} where the ${setBy} has ${width}`;
    }
    const values = inPlaces(
      cells.map((cell) => cell.text),
      places,
    );
    return { values, noIds: noIdsOf(cells, places) };
  }

  #numbered(cells: readonly JsonField[]): ArrayColumns {
    const names = cells.map((_, index) => `column_${index + 1}`);
    const places = this.#reading.staging.addColumns(names);
    return { width: names.length, places, header: null };
  }
}

function noIdsOf(
  cells: readonly JsonField[],
  places: readonly number[] | null,
): ReadonlySet<number> | null {
  const noIds = cells.flatMap(({ isNoId }, index) => (isNoId ? (places?.[index] ?? index) : []));
  return noIds.length === 0 ? null : new Set(noIds);
}
