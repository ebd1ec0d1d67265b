/** Numbered rows of texts in Parquet files of the scratch folder, so that memory stays bounded. */
import type { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api';
import { PART_FORMAT } from '../part-format';
import type { Cells } from './core-join';

/** Limits of what is in memory before a file is written: rows, and UTF-16 code units. */
const PART_ROWS = 122_880;
const PART_TEXT = 64 << 20;

export class TextParts {
  readonly #connection: DuckDBConnection;
  readonly #name: string;
  readonly #width: number;
  #appender: DuckDBAppender | null = null;
  #parts = 0;
  #rows = 0;
  #text = 0;

  private constructor(connection: DuckDBConnection, name: string, width: number) {
    this.#connection = connection;
    this.#name = name;
    this.#width = width;
  }

  /** @param name begins the names of the files; `width` is the number of texts of a row. */
  static async open(connection: DuckDBConnection, name: string, width: number): Promise<TextParts> {
    const parts = new TextParts(connection, name, width);
    await parts.#openTable();
    return parts;
  }

  /** What SQL reads the rows from, after `close`: the columns `n`, `c0`, `c1`, …. */
  get source(): string {
    return `read_parquet('${this.#name}-*.parquet')`;
  }

  /** @returns a promise when the caller must wait before it adds another row. */
  add(n: number, cells: Cells): Promise<void> | undefined {
    const appender = this.#appender;
    if (appender === null) throw new Error(`the parts of ${this.#name} are not open`);
    appender.appendBigInt(BigInt(n));
    for (let i = 0; i < this.#width; i += 1) {
      const cell = cells[i] ?? null;
      if (cell === null) appender.appendNull();
      else appender.appendVarchar(cell);
      this.#text += cell?.length ?? 0;
    }
    appender.endRow();
    this.#rows += 1;
    const isFull = this.#rows >= PART_ROWS || this.#text >= PART_TEXT;
    return isFull ? this.#nextPart() : undefined;
  }

  /** Writes what is left. There is a file afterwards even when no row came. */
  async close(): Promise<void> {
    await this.#writePart();
  }

  async #nextPart(): Promise<void> {
    await this.#writePart();
    await this.#openTable();
  }

  async #openTable(): Promise<void> {
    const columns = Array.from({ length: this.#width }, (_, index) => `c${index} VARCHAR`);
    const table = `part_of_${this.#name}`;
    await this.#connection.run(`CREATE TABLE ${table} (n BIGINT, ${columns.join(', ')})`);
    this.#appender = await this.#connection.createAppender(table);
  }

  async #writePart(): Promise<void> {
    this.#appender?.closeSync();
    this.#appender = null;
    const file = `${this.#name}-${String(this.#parts).padStart(6, '0')}.parquet`;
    const table = `part_of_${this.#name}`;
    await this.#connection.run(`COPY ${table} TO '${file}' ${PART_FORMAT}`);
    await this.#connection.run(`DROP TABLE ${table}`);
    this.#parts += 1;
    this.#rows = 0;
    this.#text = 0;
  }
}
