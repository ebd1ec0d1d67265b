/**
 * One record of a catalog, whatever format it came from: its rows are taken, or rejected with the
 * reason.
 */
import { rowPlaceText } from '../contract/catalog/catalog-counts';
import type { RejectCode } from '../contract/catalog/reject-codes';
import type { RecordSink } from './catalog-reading';
import type { CatalogStaging } from './catalog-staging';
import type { StagedRow } from './staged-row';
import type { CatalogRecord, RowPlace } from './records/catalog-record';
import { MOST_URLS, type ImageRow, type ImageRows } from './records/image-rows';

/** The length to which a refused id is cut in the rejects, in UTF-16 code units. */
const ID_SHOWN = 200;

/** Numbers the records and hands their rows to the staging. */
export class CatalogRows implements RecordSink {
  /** Rows so far, rejected ones included. */
  count = 0;
  /** Records so far. */
  records = 0;
  /** In words, why the first rejected row was. */
  firstProblem: string | null = null;
  /** The file that is read, where the catalog has several. */
  file: string | null = null;
  readonly #staging: CatalogStaging;
  readonly #imageRows: ImageRows;

  constructor(staging: CatalogStaging, imageRows: ImageRows) {
    this.#staging = staging;
    this.#imageRows = imageRows;
  }

  next(line: number | null): RowPlace {
    this.records += 1;
    return { record: this.records, line };
  }

  take(record: CatalogRecord): Promise<void> | undefined {
    const rows = this.#imageRows.rowsOf(record);
    if ('code' in rows) {
      for (let i = 0; i < rows.rows; i += 1) this.reject(record, rows.code, rows.detail, rows.id);
      return undefined;
    }
    const [only, another] = rows;
    if (only !== undefined && another === undefined)
      return this.#staging.add(this.#staged(only, record, 0));
    return this.#add(
      rows.map((row, nth) => this.#staged(row, record, nth)),
      0,
    );
  }

  /**
   * Counts records of which {@link take} gets only those that are not plain.
   *
   * @param plain how many of them are plain: each has one row, which SQL stages.
   */
  countPlain(records: number, plain: number): void {
    this.records += records;
    this.count += plain;
  }

  /** Written field by field: a spread of every row takes as long as reading it. */
  #staged(
    { id, url, object, urlColumn }: ImageRow,
    { record, line, values }: CatalogRecord,
    nth: number,
  ): StagedRow {
    this.count += 1;
    const { file } = this;
    const row = (record - 1) * MOST_URLS + nth;
    return { row, record, line, id, url, object, urlColumn, file, values };
  }

  /** One after another: the staging takes no row while it writes. */
  #add(rows: readonly StagedRow[], from: number): Promise<void> | undefined {
    for (let i = from; i < rows.length; i += 1) {
      const row = rows[i];
      const full = row === undefined ? undefined : this.#staging.add(row);
      if (full !== undefined) return full.then(() => this.#add(rows, i + 1));
    }
    return undefined;
  }

  rejectEncoding(place: RowPlace, encoding: string): void {
    const problem = `not valid ${encoding}; set \`encoding\` if it is another`;
    this.reject(place, 'bad_encoding', problem);
  }

  reject(place: RowPlace, code: RejectCode, cause: string, id: string | null = null): void {
    const problem = this.file === null ? cause : `${this.file}: ${cause}`;
    this.count += 1;
    this.firstProblem ??= `${rowPlaceText(place)}: ${problem}`;
    this.#staging.reject({
      record: place.record,
      line: place.line,
      id: id === null || id === '' || /[\p{Surrogate}\0]/u.test(id) ? null : shortened(id),
      code,
      detail: problem,
    });
  }
}

/** Cut without leaving half a surrogate pair. */
function shortened(text: string): string {
  return text.length <= ID_SHOWN ? text : text.slice(0, ID_SHOWN).replace(/\p{Surrogate}$/u, '');
}
