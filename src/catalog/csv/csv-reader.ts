/**
 * Reads CSV and TSV rows with their physical lines, changing nothing. DuckDB's reader knows the
 * lines of refused rows only, and takes ragged or badly quoted files apart by guessing.
 *
 * A row that goes on into further lines inside quotes, and does not fit the header then, costs its
 * first line only: reading goes on at the next line, so a quote that is opened and not closed takes
 * no other row with it. A row is given up at its first sign of not fitting, so no line is read
 * again more often than the header has columns.
 *
 * @see RFC 4180. Beyond it: LF, CRLF or (when the first row ends so) lone CR end a row; quotes
 *   inside unquoted fields are ordinary characters; the quote and the way to write it inside a
 *   field are those of the {@link CsvDialect}.
 */
import { StepError } from '../../contract/errors';
import { countLines } from '../text/count-lines';
import { LONGEST_RECORD } from '../text/text-window';
import type { TextWindow } from '../text/text-window';
import { fitsWidth, type RowWidth } from './row-width';

const LF = 10;
const CR = 13;
const BYTE_ORDER_MARK = '\uFEFF';
/** Programs of DOS end a file with it. */
const DOS_END = String.fromCharCode(0x1a);
/** Some file systems fill the end of a file with zeros. */
const BLANK_LINE = new RegExp(`^[\\s\\0${DOS_END}]*$`);

/** How the fields of a catalog are separated and quoted. */
export interface CsvDialect {
  readonly delimiter: string;
  /** The character that encloses a field; null: fields are not quoted. */
  readonly quote: string | null;
  /** The character before a quote inside a quoted field; null: such a quote is written twice. */
  readonly escape: string | null;
  /** Whether blanks between a delimiter and a quote are no part of the field. */
  readonly skipsBlanks?: boolean;
}

/** One row. `line` is where it starts (from 1). `problem`: why it cannot be taken as it stands. */
export interface CsvRow {
  readonly fields: readonly string[];
  readonly line: number;
  readonly problem: string | null;
  readonly badEncoding: boolean;
}

/** What {@link CsvReader} finds where a row should end. */
const NOT_WHOLE = -1;
const DOES_NOT_FIT = -2;

/** Cuts windows of text into rows. One instance reads one file. */
export class CsvReader {
  /**
   * How many fields a row may have; null until it is known. Only rows of several lines are measured
   * by it.
   */
  width: RowWidth | null = null;
  readonly #delimiter: number;
  readonly #quote: string | null;
  readonly #escape: string | null;
  readonly #skipsBlanks: boolean;
  /** null: no escape, so quotes are all that is looked for inside quotes. */
  readonly #quoteOrEscape: RegExp | null;
  readonly #name: string;
  #line = 1;
  /** null until the first row end was seen. */
  #carriageReturns: boolean | null = null;
  #fields: string[] = [];
  #problem: string | null = null;
  #quoted = false;
  /** Inside quotes, the row has gone on into another line. */
  #spansLines = false;
  #text = '';
  #complete = false;

  constructor({ delimiter, quote, escape, skipsBlanks }: CsvDialect, name: string) {
    this.#skipsBlanks = skipsBlanks === true;
    this.#delimiter = delimiter.charCodeAt(0);
    this.#quote = quote;
    this.#escape = escape;
    this.#quoteOrEscape = quote === null || escape === null ? null : anyOf(quote, escape);
    this.#name = name;
  }

  /**
   * The rows that are whole in the window; what is used up is dropped from it. Blank lines are
   * skipped.
   *
   * @throws StepError `catalog_format` with the line for a line that is longer than a row may be.
   */
  *read(window: TextWindow): Generator<CsvRow> {
    this.#text = window.text;
    this.#complete = window.complete;
    let start = 0;
    while (start < this.#text.length) {
      let end = this.#readRow(start);
      if (end === NOT_WHOLE && this.#text.length - start > LONGEST_RECORD) {
        this.#problem = `a quote is opened and not closed within ${LONGEST_RECORD} characters`;
        end = DOES_NOT_FIT;
      }
      if (end === DOES_NOT_FIT) end = this.#firstLineOnly(start);
      if (end < 0) break;
      const row = this.#takeRow(start, end, window);
      start = end;
      if (row !== null) yield row;
    }
    window.drop(start);
  }

  /**
   * Where the next row starts; {@link NOT_WHOLE} when this one is not whole yet; {@link
   * DOES_NOT_FIT}.
   */
  #readRow(start: number): number {
    this.#forgetRow();
    // Files that were put one behind another may each begin with a byte order mark.
    let at = this.#text[start] === BYTE_ORDER_MARK ? start + 1 : start;
    for (;;) {
      const end = this.#readField(at);
      if (end < 0) return end;
      if (this.#spansLines && this.#isTooMuch()) return DOES_NOT_FIT;
      const isLast = end >= this.#text.length;
      if (isLast && !this.#complete) return NOT_WHOLE;
      if (isLast || this.#text.charCodeAt(end) !== this.#delimiter) return this.#endRow(end);
      at = end + 1;
      if (at >= this.#text.length && this.#complete) {
        this.#fields.push('');
        return this.#endRow(at);
      }
    }
  }

  #forgetRow(): void {
    this.#fields = [];
    this.#problem = null;
    this.#quoted = false;
    this.#spansLines = false;
  }

  #isTooMuch(): boolean {
    // One more field may be empty.
    return this.#problem !== null || this.#fields.length > 1 + (this.width?.most ?? Infinity);
  }

  #endRow(end: number): number {
    if (this.#spansLines && this.width !== null && !fitsWidth(this.#fields, this.width)) {
      this.#problem = `a quoted field goes on into further lines, and the row then has ${this.#fields.length} fields where the header has ${this.width.most}`;
      return DOES_NOT_FIT;
    }
    return end >= this.#text.length ? end : this.#afterRowEnd(end);
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

  /** Takes the row's first physical line as a row with a problem. */
  #firstLineOnly(start: number): number {
    this.#problem ??=
      'a quoted field goes on into further lines, and the row then has more fields than the header';
    this.#fields = [];
    this.#quoted = false;
    const lineEnd = this.#carriageReturns === true ? /\r\n?|\n/g : /\n/g;
    lineEnd.lastIndex = start;
    if (lineEnd.test(this.#text)) return lineEnd.lastIndex;
    if (this.#complete) return this.#text.length;
    throw this.#tooLong();
  }

  /**
   * Adds a field; gives the position of what ends it, {@link NOT_WHOLE} or {@link DOES_NOT_FIT}.
   */
  #readField(at: number): number {
    const start = this.#skipsBlanks ? afterBlanks(this.#text, at) : at;
    if (this.#quote === null || this.#text[start] !== this.#quote)
      return this.#readUnquoted(at, '');
    this.#quoted = true;
    let value = '';
    let from = start + 1;
    for (;;) {
      const stop = this.#nextInQuotes(from);
      if (stop < 0 || (stop + 1 >= this.#text.length && !this.#complete)) return this.#unclosed();
      value += this.#sliceInQuotes(from, stop);
      const next = this.#text[stop + 1];
      const isEscape = this.#text[stop] !== this.#quote;
      if (!isEscape && next !== this.#quote) return this.#readUnquoted(stop + 1, value, true);
      // An escape that ends the text stands for itself.
      value += next ?? this.#escape ?? '';
      from = stop + 2;
    }
  }

  /** The next quote, or escape, at or after `from`; -1 when there is none. */
  #nextInQuotes(from: number): number {
    if (this.#quoteOrEscape === null) return this.#text.indexOf(this.#quote ?? '', from);
    this.#quoteOrEscape.lastIndex = from;
    return this.#quoteOrEscape.exec(this.#text)?.index ?? -1;
  }

  #sliceInQuotes(from: number, to: number): string {
    const text = this.#text.slice(from, to);
    if (text.includes('\n') || (this.#carriageReturns === true && text.includes('\r')))
      this.#spansLines = true;
    return text;
  }

  #unclosed(): number {
    if (!this.#complete) return NOT_WHOLE;
    this.#problem = 'a quote is opened and never closed';
    return DOES_NOT_FIT;
  }

  #readUnquoted(at: number, before: string, afterQuote = false): number {
    const end = this.#fieldEnd(at);
    if (end < 0) return end;
    const hasText =
      end > at && !(afterQuote && this.#skipsBlanks && afterBlanks(this.#text, at) >= end);
    if (afterQuote && hasText) this.#problem ??= 'text after a closing quote';
    this.#fields.push(hasText ? before + this.#text.slice(at, end) : before);
    return end;
  }

  #fieldEnd(at: number): number {
    const text = this.#text;
    for (let i = at; i < text.length; i += 1) {
      const unit = text.charCodeAt(i);
      if (unit === this.#delimiter || unit === LF) return i;
      if (unit !== CR) continue;
      if (i + 1 >= text.length && !this.#complete) return NOT_WHOLE;
      if (this.#endsRow(i)) return i;
      this.#problem ??= 'a carriage return outside quotes';
    }
    return this.#complete ? text.length : NOT_WHOLE;
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
    const blank = this.#fields.length === 1 && !this.#quoted && BLANK_LINE.test(only ?? '');
    const badEncoding = window.isBad(start, end);
    return blank ? null : { fields: this.#fields, line, problem: this.#problem, badEncoding };
  }

  #linesIn(start: number, end: number): number {
    return countLines(this.#text.slice(start, end), {
      hasLoneCrs: this.#carriageReturns === true,
    });
  }

  #tooLong(): StepError {
    return new StepError(
      'catalog_format',
      `The catalog ${this.#name}, line ${this.#line}: the line is longer than ${LONGEST_RECORD} characters. Is it a text file with one row a line, and are \`quote\` and \`escape\` right? Otherwise write the file without that row, or without the long column.`,
    );
  }
}

/** Returns the position after the blanks that begin at `at`. */
function afterBlanks(text: string, at: number): number {
  let end = at;
  while (text[end] === ' ') end += 1;
  return end;
}

/** Finds the next of these characters, each of which is one UTF-16 unit. */
function anyOf(...characters: readonly string[]): RegExp {
  const escaped = characters.map(
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return new RegExp(`[${escaped.join('')}]`, 'g');
}
