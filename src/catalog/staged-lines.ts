/**
 * The rows of one part on their way to DuckDB: lines of a text file in the working folder. DuckDB
 * reads a cell of such a file several times as fast as its appender takes one.
 *
 * A control character separates the cells, and nothing is quoted. Two further control characters
 * stand for ends of lines inside cells. The few rows that cannot be written in this way, because
 * they have such control characters of their own, are returned to the caller.
 *
 * @see docs/decisions/0084-rows-as-lines.md
 */
import { appendFileSync, closeSync, openSync, rmSync } from 'node:fs';
import { OWN_PART_COLUMNS, type StagedRow } from './staged-row';

/** The unit separator of ASCII. */
const SEPARATOR = '\x1f';
const LINE_END = '\n';
/** These stand for LF and CR inside a cell. */
const LF_INSIDE = '\x1d';
const CR_INSIDE = '\x1e';
/** A row with one of these in a cell of its own cannot be a line; DuckDB refuses NUL. */
const NEVER_IN_CELLS = ['\0', LF_INSIDE, CR_INSIDE];

/** In UTF-16 code units, each of three bytes at most. DuckDB reads lines of 2,000,000 bytes. */
const LONGEST_LINE = 500_000;

export class StagedLines {
  readonly #name: string;
  readonly #descriptor: number;
  /** The number of the catalog's columns that the first line has. */
  #firstWidth: number | null = null;
  /** Whether later lines have more columns. */
  #isRagged = false;
  /** Indexes of the columns with cells in which a character stands for the end of a line. */
  readonly #columnsWithLineEnds = new Set<number>();

  /** @throws errors of the file system. */
  constructor(name: string) {
    this.#name = name;
    this.#descriptor = openSync(name, 'wx');
  }

  /**
   * Appends rows.
   *
   * @param width the number of the catalog's columns so far.
   * @returns the rows that cannot be lines.
   * @throws errors of the file system.
   */
  append(rows: readonly StagedRow[], width: number): readonly StagedRow[] {
    const lines = rows.map((row) => lineOf(row, width));
    const bytes = Buffer.from(lines.join(''));
    const others: StagedRow[] = [];
    if (areLines(lines, bytes, width) && !NEVER_IN_CELLS.some((text) => bytes.includes(text)))
      this.#write(bytes, width);
    else this.#write(Buffer.from(this.#linesOneByOne(rows, width, others)), width);
    return others;
  }

  /** A SELECT of the rows in their order, with the columns of the table `part`. */
  sql(columns: readonly string[]): string {
    const types = [...OWN_PART_COLUMNS, ...columns.map((_, index) => [`c${index}`, 'VARCHAR'])];
    const list = types.map(([name, type]) => `'${name}': '${type}'`).join(', ');
    const restored = [...this.#columnsWithLineEnds].map(
      (index) =>
        `translate(c${index}, '${LF_INSIDE}${CR_INSIDE}', chr(10) || chr(13)) AS c${index}`,
    );
    const replaced = restored.length === 0 ? '' : `REPLACE (${restored.join(', ')})`;
    return `SELECT * ${replaced} FROM read_csv('${this.#name}', auto_detect = false, header = false, compression = 'none',
      delim = '${SEPARATOR}', quote = '', escape = '', comment = '', new_line = '\\n', nullstr = '',
      null_padding = ${this.#isRagged}, columns = {${list}})`;
  }

  /** Removes the file. */
  close(): void {
    closeSync(this.#descriptor);
    rmSync(this.#name);
  }

  #write(bytes: Buffer, width: number): void {
    appendFileSync(this.#descriptor, bytes);
    this.#firstWidth ??= width;
    this.#isRagged ||= width !== this.#firstWidth;
  }

  /** @param others gets the rows that cannot be lines. */
  #linesOneByOne(rows: readonly StagedRow[], width: number, others: StagedRow[]): string {
    const lines: string[] = [];
    for (const row of rows) {
      const line = this.#lineWithoutLineEnds(row, width);
      if (line === null) others.push(row);
      else lines.push(line);
    }
    return lines.join('');
  }

  #lineWithoutLineEnds(row: StagedRow, width: number): string | null {
    const asItIs = lineOf(row, width);
    if (NEVER_IN_CELLS.some((text) => asItIs.includes(text))) return null;
    const values = row.values.map((cell, column) => this.#withoutLineEnds(cell, column));
    const line = lineOf({ ...row, values }, width);
    return areLines([line], Buffer.from(line), width) ? line : null;
  }

  #withoutLineEnds(cell: string | null | undefined, column: number): string | null | undefined {
    if (typeof cell !== 'string' || !/[\n\r]/.test(cell)) return cell;
    this.#columnsWithLineEnds.add(column);
    return cell.replaceAll('\n', LF_INSIDE).replaceAll('\r', CR_INSIDE);
  }
}

/** Array.join makes one string, where adding up cells makes one for each of them. */
function lineOf(row: StagedRow, width: number): string {
  const { id, object, values } = row;
  const own = [
    row.row,
    row.record,
    row.line,
    id,
    row.url,
    // Most catalogs have one row an object: its id is there already.
    object === id ? null : object,
    row.urlColumn,
    row.file,
  ];
  const absent = SEPARATOR.repeat(Math.max(width - values.length, 0));
  const separator = values.length === 0 ? '' : SEPARATOR;
  return `${own.join(SEPARATOR)}${separator}${values.join(SEPARATOR)}${absent}${LINE_END}`;
}

/**
 * Whether the bytes of the lines have no more separators and ends of lines than these rows need, so
 * that no cell contains any.
 */
function areLines(lines: readonly string[], bytes: Buffer, width: number): boolean {
  const separatorsOfLine = OWN_PART_COLUMNS.length + width - 1;
  return (
    lines.every((line) => line.length <= LONGEST_LINE) &&
    countOf(LINE_END, bytes) === lines.length &&
    countOf(SEPARATOR, bytes) === lines.length * separatorsOfLine &&
    !bytes.includes('\r')
  );
}

function countOf(character: string, bytes: Buffer): number {
  const code = character.charCodeAt(0);
  let count = 0;
  for (let at = bytes.indexOf(code); at >= 0; at = bytes.indexOf(code, at + 1)) count += 1;
  return count;
}
