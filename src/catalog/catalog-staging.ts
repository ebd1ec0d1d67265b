/** Where rows go while a catalog is read: Parquet parts in the scratch folder, so that memory stays bounded. */
import type { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api';

/** A part is written when it holds so much. **Units** rows; UTF-16 units. */
const PART_ROWS = 122_880;
const PART_TEXT = 64 << 20;

/** The parts, as the working folder is the scratch folder: a pattern without the user's characters. */
export const PARTS = "read_parquet('part-*.parquet', union_by_name = true)";

/** A catalog row with a good id. `values` are in the order of the columns, absent ones at the end left out. */
export interface StagedRow {
  readonly record: number;
  readonly line: number | null;
  readonly id: string;
  readonly url: string | null;
  readonly values: readonly (string | null)[];
}

export type RejectCode = 'bad_id' | 'duplicate_conflict' | 'bad_row' | 'bad_encoding';

export interface Reject {
  readonly record: number;
  readonly line: number | null;
  readonly id: string | null;
  readonly code: RejectCode;
  readonly detail: string;
}

/** Takes rows and rejects; columns may be added while rows come (JSON). */
export class CatalogStaging {
  readonly #connection: DuckDBConnection;
  readonly #columns: string[] = [];
  #rows: DuckDBAppender | null = null;
  #rejects: DuckDBAppender | null = null;
  #width = -1;
  #parts = 0;
  #rowCount = 0;
  #textSize = 0;

  constructor(connection: DuckDBConnection) {
    this.#connection = connection;
  }

  /** Names of the catalog's columns, in order of appearance; the part files call them c0, c1, … */
  get columns(): readonly string[] {
    return this.#columns;
  }

  addColumn(name: string): number {
    return this.#columns.push(name) - 1;
  }

  async open(): Promise<void> {
    await this.#connection.run(
      'CREATE TABLE reject (record BIGINT, line BIGINT, id VARCHAR, code VARCHAR, detail VARCHAR)',
    );
    this.#rejects = await this.#connection.createAppender('reject');
  }

  async add(row: StagedRow): Promise<void> {
    const rows = await this.#appender();
    appendNumber(rows, row.record);
    appendNumber(rows, row.line);
    rows.appendVarchar(row.id);
    this.#appendText(rows, row.url);
    for (let i = 0; i < this.#width; i += 1) this.#appendText(rows, row.values[i] ?? null);
    rows.endRow();
    this.#rowCount += 1;
    if (this.#rowCount >= PART_ROWS || this.#textSize >= PART_TEXT) await this.#writePart();
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

  /** Writes what is left; there is a part afterwards even when no row came. */
  async close(): Promise<void> {
    await this.#appender();
    await this.#writePart();
    this.#rejects?.closeSync();
    this.#rejects = null;
  }

  async #appender(): Promise<DuckDBAppender> {
    if (this.#rows !== null && this.#width === this.#columns.length) return this.#rows;
    await this.#writePart();
    this.#width = this.#columns.length;
    const columns = this.#columns.map((_, index) => `, c${index} VARCHAR`).join('');
    await this.#connection.run(
      `CREATE OR REPLACE TABLE part (rec BIGINT, lin BIGINT, id VARCHAR, url VARCHAR${columns})`,
    );
    this.#rows = await this.#connection.createAppender('part');
    return this.#rows;
  }

  async #writePart(): Promise<void> {
    if (this.#rows === null) return;
    this.#rows.closeSync();
    this.#rows = null;
    const name = `part-${String(this.#parts).padStart(6, '0')}.parquet`;
    this.#parts += 1;
    await this.#connection.run(`COPY part TO '${name}' (FORMAT parquet)`);
    await this.#connection.run('DROP TABLE part');
    this.#rowCount = 0;
    this.#textSize = 0;
  }

  /** An empty field is NULL. */
  #appendText(appender: DuckDBAppender, text: string | null): void {
    this.#textSize += text?.length ?? 0;
    appendText(appender, text === '' ? null : text);
  }
}

function appendText(appender: DuckDBAppender, text: string | null): void {
  if (text === null) appender.appendNull();
  else appender.appendVarchar(text);
}

function appendNumber(appender: DuckDBAppender, value: number | null): void {
  if (value === null) appender.appendNull();
  else appender.appendBigInt(BigInt(value));
}
