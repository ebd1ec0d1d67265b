/**
 * Reads CSV and TSV rows with their physical lines, changing nothing.
 * DuckDB's reader knows the lines of refused rows only, and takes ragged or badly quoted files apart by guessing.
 *
 * **Source** RFC 4180; beyond it: LF, CRLF or (when the first row ends so) lone CR as row end, quotes inside
 * unquoted fields are ordinary characters.
 */
import { StepError } from '../../contract/errors';
import { countLines } from '../text/count-lines';
import { LONGEST_RECORD } from '../text/text-window';
import type { TextWindow } from '../text/text-window';

const QUOTE = '"';
const LF = 10;
const CR = 13;

/** One row. `line` is where it starts (from 1). `problem`: why it cannot be taken as it stands. */
export interface CsvRow {
  readonly fields: readonly string[];
  readonly line: number;
  readonly problem: string | null;
  readonly badEncoding: boolean;
}

/** Cuts windows of text into rows. One instance reads one file. */
export class CsvReader {
  readonly #delimiter: number;
  readonly #name: string;
  #line = 1;
  /** null until the first row end was seen. */
  #carriageReturns: boolean | null = null;
  #fields: string[] = [];
  #problem: string | null = null;
  #quoted = false;
  #text = '';
  #complete = false;

  constructor(delimiter: string, name: string) {
    this.#delimiter = delimiter.charCodeAt(0);
    this.#name = name;
  }

  /**
   * The rows that are whole in the window; what is used up is dropped from it. Blank lines are skipped.
   *
   * **Errors** {@link StepError} `catalog_format` with the line for a quote that is never closed.
   */
  *read(window: TextWindow): Generator<CsvRow> {
    this.#text = window.text;
    this.#complete = window.complete;
    let start = 0;
    while (start < this.#text.length) {
      const end = this.#readRow(start);
      if (end < 0) break;
      const row = this.#takeRow(start, end, window);
      start = end;
      if (row !== null) yield row;
    }
    window.drop(start);
    if (window.text.length > LONGEST_RECORD) throw this.#tooLong();
  }

  /** Where the next row starts; -1 when this one is not whole yet. */
  #readRow(start: number): number {
    this.#fields = [];
    this.#problem = null;
    this.#quoted = false;
    let at = start;
    for (;;) {
      const end = this.#readField(at, start);
      if (end < 0) return -1;
      if (end >= this.#text.length) return this.#complete ? end : -1;
      if (this.#text.charCodeAt(end) === this.#delimiter) at = end + 1;
      else return this.#afterRowEnd(end);
      if (at >= this.#text.length && this.#complete) {
        this.#fields.push('');
        return at;
      }
    }
  }

  #afterRowEnd(end: number): number {
    if (this.#text.charCodeAt(end) === LF) {
      this.#carriageReturns ??= false;
      return end + 1;
    }
    if (this.#text.charCodeAt(end + 1) === LF) {
      this.#carriageReturns ??= false;
      return end + 2;
    }
    return end + 1;
  }

  /** Adds a field; gives the position of what ends it, or -1 when that has not come yet. */
  #readField(at: number, rowStart: number): number {
    if (this.#text[at] !== QUOTE) return this.#readUnquoted(at, '');
    this.#quoted = true;
    let value = '';
    let from = at + 1;
    for (;;) {
      const quote = this.#text.indexOf(QUOTE, from);
      if (quote < 0 || (quote + 1 >= this.#text.length && !this.#complete)) {
        if (this.#complete) throw this.#unclosed(rowStart, at);
        return -1;
      }
      value += this.#text.slice(from, quote);
      if (this.#text[quote + 1] !== QUOTE) return this.#readUnquoted(quote + 1, value, true);
      value += QUOTE;
      from = quote + 2;
    }
  }

  #readUnquoted(at: number, before: string, afterQuote = false): number {
    const end = this.#fieldEnd(at);
    if (end < 0) return -1;
    if (afterQuote && end > at) this.#problem ??= 'text after a closing quote';
    this.#fields.push(end > at ? before + this.#text.slice(at, end) : before);
    return end;
  }

  #fieldEnd(at: number): number {
    const text = this.#text;
    for (let i = at; i < text.length; i += 1) {
      const unit = text.charCodeAt(i);
      if (unit === this.#delimiter || unit === LF) return i;
      if (unit !== CR) continue;
      if (i + 1 >= text.length && !this.#complete) return -1;
      if (this.#endsRow(i)) return i;
      this.#problem ??= 'a carriage return outside quotes';
    }
    return this.#complete ? text.length : -1;
  }

  #endsRow(at: number): boolean {
    if (this.#text.charCodeAt(at + 1) === LF) return true;
    this.#carriageReturns ??= true;
    return this.#carriageReturns;
  }

  #takeRow(start: number, end: number, window: TextWindow): CsvRow | null {
    const line = this.#line;
    this.#line += this.#quoted ? this.#linesIn(start, end) : 1;
    const [only] = this.#fields;
    const blank = this.#fields.length === 1 && !this.#quoted && only?.trim() === '';
    const badEncoding = window.isBad(start, end);
    return blank ? null : { fields: this.#fields, line, problem: this.#problem, badEncoding };
  }

  #linesIn(start: number, end: number): number {
    return countLines(this.#text.slice(start, end), this.#carriageReturns === true);
  }

  #unclosed(rowStart: number, at: number): StepError {
    const line = this.#line + this.#linesIn(rowStart, at);
    return new StepError(
      'catalog_format',
      `The catalog ${this.#name}, line ${line}: a quote is opened and never closed. Correct that line, or write quotes inside quoted fields twice.`,
    );
  }

  #tooLong(): StepError {
    return new StepError(
      'catalog_format',
      `The catalog ${this.#name}, line ${this.#line}: the row is longer than ${LONGEST_RECORD} characters; most likely a quote in it is never closed.`,
    );
  }
}
