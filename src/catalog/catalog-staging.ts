/**
 * Where rows go while a catalog is read: Parquet parts in the scratch folder, so that memory stays
 * bounded.
 */
import type { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api';
import type { RejectCode } from '../contract/catalog/reject-codes';
import { ColumnList } from './column-list';
import { PART_FORMAT } from './part-format';

/**
 * Limits of one part: rows, cells, and UTF-16 code units of text. A part that reaches one is
 * written.
 */
export const PART_ROWS = 122_880;
const PART_CELLS = 1 << 23;
const PART_TEXT = 64 << 20;
/**
 * Limits of the rows that wait in memory: their number, and UTF-16 code units of text. They wait
 * because each row of JSON may have new columns, and adding a column to a table is expensive.
 */
const WAITING_ROWS = 2_048;
const WAITING_TEXT = 16 << 20;

/**
 * SQL that reads all parts. The working folder is the scratch folder, so the pattern contains no
 * character of a user's path.
 */
export const PARTS = "read_parquet('part-*.parquet', union_by_name = true)";

/**
 * A catalog row with a valid id. `values` are in the order of the columns; absent ones at the end
 * are omitted.
 */
export interface StagedRow {
  /** Orders the rows of the catalog: a record with several URLs has several rows. */
  readonly row: number;
  readonly record: number;
  readonly line: number | null;
  readonly id: string;
  readonly url: string | null;
  /** The record's own id, and the column of the URL. */
  readonly object: string;
  readonly urlColumn: string | null;
  /** Where the catalog has several. */
  readonly file: string | null;
  readonly values: readonly (string | null | undefined)[];
}

export interface Reject {
  readonly record: number;
  readonly line: number | null;
  readonly id: string | null;
  readonly code: RejectCode;
  readonly detail: string;
}

/** The cells of a row of a file, in the order of the catalog's columns. */
export function inPlaces(
  cells: readonly (string | null)[],
  places: readonly number[] | null,
): readonly (string | null | undefined)[] {
  if (places === null) return cells;
  const values: (string | null | undefined)[] = [];
  for (const [index, place] of places.entries()) values[place] = cells[index];
  return values;
}

/**
 * Takes rows and rejects. Columns may be added while rows come (JSON); the part files call them c0,
 * c1, …
 */
export class CatalogStaging extends ColumnList {
  readonly #connection: DuckDBConnection;
  #rejects: DuckDBAppender | null = null;
  #waiting: StagedRow[] = [];
  #waitingText = 0;
  #parts = 0;
  /** The number of columns of the table `part`; null when there is no such table. */
  #width: number | null = null;
  #isInSlice = false;
  #rowCount = 0;
  #textSize = 0;

  constructor(connection: DuckDBConnection) {
    super();
    this.#connection = connection;
  }

  async open(): Promise<void> {
    await this.#connection.run(
      'CREATE TABLE reject (record BIGINT, line BIGINT, id VARCHAR, code VARCHAR, detail VARCHAR)',
    );
    this.#rejects = await this.#connection.createAppender('reject');
  }

  /**
   * @returns a promise when the caller must wait before it adds another row. A promise for every
   *   row would take longer than adding it.
   */
  add(row: StagedRow): Promise<void> | undefined {
    this.#waiting.push(row);
    for (const value of row.values) this.#waitingText += value?.length ?? 0;
    const isFull = this.#waiting.length >= WAITING_ROWS || this.#waitingText >= WAITING_TEXT;
    return isFull ? this.#appendWaiting() : undefined;
  }

  reject(reject: Reject): void {
    const rejects = this.#rejects;
    if (rejects === null) throw new Error('the staging is not open');
    appendNumber(rejects, reject.record);
    appendNumber(rejects, reject.line);
    appendText(rejects, reject.id);
    rejects.appendVarchar(reject.code);
    rejects.appendVarchar(reject.detail);
    rejects.endRow();
  }

  /** Until {@link closeSlice}, all rows that are added become one part. */
  async openSlice(): Promise<void> {
    if (this.#waiting.length > 0) await this.#appendWaiting();
    if (this.#width !== null) await this.#writePart();
    this.#isInSlice = true;
  }

  /**
   * Writes the part, in the order of the rows.
   *
   * @param sql a SELECT of further rows in their order, with the columns of the table `part`.
   */
  async closeSlice(sql: string): Promise<void> {
    await this.#appendWaiting();
    this.#isInSlice = false;
    await this.#writePart(
      this.#rowCount === 0 ? `(${sql})` : `(FROM part UNION ALL (${sql}) ORDER BY num)`,
    );
  }

  /** Writes what is left; there is a part afterwards even when no row came. */
  async close(): Promise<void> {
    await this.#appendWaiting();
    if (this.#width !== null) await this.#writePart();
    this.#rejects?.closeSync();
    this.#rejects = null;
  }

  async #appendWaiting(): Promise<void> {
    const width = await this.#widenPart();
    const appender = await this.#connection.createAppender('part');
    for (const row of this.#waiting) appendRow(appender, row, width);
    appender.closeSync();
    this.#rowCount += this.#waiting.length;
    this.#textSize += this.#waitingText;
    this.#waiting = [];
    this.#waitingText = 0;
    if (this.#isInSlice) return;
    const cells = this.#rowCount * width;
    if (this.#rowCount >= PART_ROWS || cells >= PART_CELLS || this.#textSize >= PART_TEXT) {
      await this.#writePart();
    }
  }

  /** Makes the table, or gives it the columns that have appeared since. */
  async #widenPart(): Promise<number> {
    const from = this.#width ?? 0;
    const added = this.columns.slice(from).map((_, index) => `c${from + index} VARCHAR`);
    if (this.#width === null) {
      const own = [
        'num BIGINT',
        'rec BIGINT',
        'lin BIGINT',
        'id VARCHAR',
        'url VARCHAR',
        'obj VARCHAR',
        'ucol VARCHAR',
        'fil VARCHAR',
      ];
      await this.#connection.run(`CREATE TABLE part (${[...own, ...added].join(', ')})`);
    } else {
      for (const column of added)
        await this.#connection.run(`ALTER TABLE part ADD COLUMN ${column}`);
    }
    this.#width = this.columns.length;
    return this.#width;
  }

  async #writePart(source = 'part'): Promise<void> {
    const name = `part-${String(this.#parts).padStart(6, '0')}.parquet`;
    this.#parts += 1;
    await this.#connection.run(`COPY ${source} TO '${name}' ${PART_FORMAT}`);
    await this.#connection.run('DROP TABLE part');
    this.#width = null;
    this.#rowCount = 0;
    this.#textSize = 0;
  }
}

function appendRow(appender: DuckDBAppender, row: StagedRow, width: number): void {
  appendNumber(appender, row.row);
  appendNumber(appender, row.record);
  appendNumber(appender, row.line);
  appender.appendVarchar(row.id);
  appendText(appender, row.url);
  // Most catalogs have one row an object: its id is there already.
  appendText(appender, row.object === row.id ? null : row.object);
  appendText(appender, row.urlColumn);
  appendText(appender, row.file);
  for (let i = 0; i < width; i += 1) appendText(appender, filled(row.values[i]));
  appender.endRow();
}

/** An empty field is NULL. */
function filled(text: string | null | undefined): string | null {
  return text === undefined || text === '' ? null : text;
}

function appendText(appender: DuckDBAppender, text: string | null): void {
  if (text === null) appender.appendNull();
  else appender.appendVarchar(text);
}

function appendNumber(appender: DuckDBAppender, value: number | null): void {
  if (value === null) appender.appendNull();
  else appender.appendBigInt(BigInt(value));
}
