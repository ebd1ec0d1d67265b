/**
 * Where rows go while a catalog is read: Parquet parts in the scratch folder, so that memory stays
 * bounded.
 */
import type { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api';
import type { RejectCode } from '../contract/catalog/reject-codes';
import { ColumnList } from './column-list';
import { PART_FORMAT } from './part-format';
import { StagedLines } from './staged-lines';
import { OWN_PART_COLUMNS, type StagedRow } from './staged-row';

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
  /** Ends when the latest part is written. Rows of the next one are taken meanwhile. */
  #writing: Promise<void> = Promise.resolve();
  /** The rows of the next part as lines. Rows that cannot be lines are in the table `part`. */
  #lines: StagedLines | null = null;
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
    if (this.#rowCount > 0) await this.#writePart();
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
    await this.#writePart(sql);
    await this.#writing;
  }

  /** Writes what is left; there is a part afterwards even when no row came. */
  async close(): Promise<void> {
    await this.#appendWaiting();
    // An empty part too names all columns.
    if (this.#rowCount === 0) await this.#widenPart();
    await this.#writePart();
    await this.#writing;
    this.#rejects?.closeSync();
    this.#rejects = null;
  }

  async #appendWaiting(): Promise<void> {
    if (this.#waiting.length === 0) return;
    this.#lines ??= new StagedLines(`rows-${this.#partNumber}.txt`);
    const others = this.#lines.append(this.#waiting, this.columns.length);
    if (others.length > 0) await this.#appendToTable(others);
    this.#rowCount += this.#waiting.length;
    this.#textSize += this.#waitingText;
    this.#waiting = [];
    this.#waitingText = 0;
    if (this.#isInSlice) return;
    const cells = this.#rowCount * this.columns.length;
    if (this.#rowCount >= PART_ROWS || cells >= PART_CELLS || this.#textSize >= PART_TEXT) {
      await this.#writePart();
    }
  }

  async #appendToTable(rows: readonly StagedRow[]): Promise<void> {
    // An appender would block this thread until the connection is free.
    await this.#writing;
    const width = await this.#widenPart();
    const appender = await this.#connection.createAppender('part');
    for (const row of rows) appendRow(appender, row, width);
    appender.closeSync();
  }

  /** Makes the table, or gives it the columns that have appeared since. */
  async #widenPart(): Promise<number> {
    const from = this.#width ?? 0;
    const added = this.columns.slice(from).map((_, index) => `c${from + index} VARCHAR`);
    if (this.#width === null) {
      const own = OWN_PART_COLUMNS.map((column) => column.join(' '));
      await this.#connection.run(`CREATE TABLE part (${[...own, ...added].join(', ')})`);
    } else {
      for (const column of added)
        await this.#connection.run(`ALTER TABLE part ADD COLUMN ${column}`);
    }
    this.#width = this.columns.length;
    return this.#width;
  }

  /**
   * Begins to write the part, after the one before it.
   *
   * @param further a SELECT of further rows, with the columns of the table `part`.
   */
  async #writePart(further: string | null = null): Promise<void> {
    await this.#writing;
    const sources = further === null ? [] : [further];
    if (this.#lines !== null) sources.push(this.#lines.sql(this.columns));
    const hasTable = this.#width !== null;
    if (hasTable) {
      await this.#widenPart();
      sources.push('FROM part');
    }
    const rows = sources.map((source) => `(${source})`).join(' UNION ALL ');
    const inOrder = sources.length > 1 ? `${rows} ORDER BY num` : rows;
    this.#writing = this.#copyPart(inOrder, this.#lines);
    // The next part, or the end, waits for it and reports the error.
    this.#writing.catch(() => undefined);
    if (hasTable) await this.#dropTable();
    this.#lines = null;
    this.#parts += 1;
    this.#rowCount = 0;
    this.#textSize = 0;
  }

  async #copyPart(rows: string, lines: StagedLines | null): Promise<void> {
    const file = `part-${this.#partNumber}.parquet`;
    await this.#connection.run(`COPY (${rows}) TO '${file}' ${PART_FORMAT}`);
    lines?.close();
  }

  /** The next part has a table of the same name. */
  async #dropTable(): Promise<void> {
    await this.#writing;
    await this.#connection.run('DROP TABLE part');
    this.#width = null;
  }

  get #partNumber(): string {
    return String(this.#parts).padStart(6, '0');
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
