/**
 * Splits JSON text into records: the elements of an array, or of arrays one after another, or
 * concatenated objects.
 */
import { StepError } from '../../contract/errors';
import { countLines } from '../text/count-lines';
import { LONGEST_RECORD } from '../text/text-window';
import type { TextWindow } from '../text/text-window';

/** The text of one record, not yet validated. `line` is the line at which it starts, from 1. */
export interface JsonPiece {
  readonly text: string;
  readonly line: number;
  readonly badEncoding: boolean;
  /** True for a last line of NDJSON that has no line end. Such a line may be cut short. */
  readonly unended: boolean;
  /** The name of the member, if the record is a member of an object of records. */
  readonly key?: string;
}

/** Splits NDJSON into its lines and skips blank ones. */
export class NdjsonSplitter {
  #line = 0;

  constructor(readonly name: string) {}

  /**
   * Yields the lines that are complete in the window, and drops them from it.
   *
   * @throws {@link StepError} `catalog_format` if a line is too long.
   */
  *read(window: TextWindow): Generator<JsonPiece> {
    let start = 0;
    while (start < window.text.length) {
      const found = window.text.indexOf('\n', start);
      if (found < 0 && !window.complete) break;
      const end = found < 0 ? window.text.length : found;
      this.#line += 1;
      const text = window.text.slice(skipMark(window.text, start), end);
      const badEncoding = window.isBad(start, end);
      start = end + 1;
      if (text.trim() !== '') yield { text, line: this.#line, badEncoding, unended: found < 0 };
    }
    window.drop(start);
    if (window.text.length > LONGEST_RECORD) throw tooLong(this.name, this.#line + 1);
  }
}

type Expect = 'start' | 'element' | 'elementOrEnd' | 'commaOrEnd' | 'nothing' | 'object';

/** Splits arrays, or concatenated objects. */
export class JsonSplitter {
  #line = 1;
  #record = 0;
  #expect: Expect = 'start';

  constructor(readonly name: string) {}

  /**
   * Yields the records that are complete in the window, and drops them from it.
   *
   * @throws {@link StepError} `catalog_format`, with line and record, if the text is cut short or
   * is neither an array nor a sequence of objects.
   */
  *read(window: TextWindow): Generator<JsonPiece> {
    let start = 0;
    for (;;) {
      const at = skipBlank(window.text, start);
      this.#line += countLines(window.text.slice(start, at));
      start = at;
      if (at >= window.text.length) break;
      if (this.#punctuation(window.text[at] ?? '')) {
        start += 1;
        continue;
      }
      const end = valueEnd(window.text, at, { isComplete: window.complete });
      if (end < 0) break;
      yield this.#piece(window, at, end);
      start = end;
    }
    window.drop(start);
    this.#checkRest(window);
  }

  #piece(window: TextWindow, at: number, end: number): JsonPiece {
    const text = window.text.slice(at, end);
    const piece = { text, line: this.#line, badEncoding: window.isBad(at, end), unended: false };
    this.#line += countLines(text);
    this.#record += 1;
    this.#expect = this.#expect === 'object' ? 'object' : 'commaOrEnd';
    return piece;
  }

  /**
   * Returns true if the character is punctuation between records, and false if a record begins.
   *
   * @throws {@link StepError} `catalog_format` if the character is not allowed here.
   */
  #punctuation(character: string): boolean {
    const next = NEXT[this.#expect](character);
    if (next === null) throw this.#unexpected(character);
    const [expect, consumed] = next;
    this.#expect = expect;
    return consumed;
  }

  #unexpected(character: string): StepError {
    return new StepError(
      'catalog_format',
      `The catalog ${this.name}, line ${this.#line}, after record ${this.#record}: ${JSON.stringify(character)} cannot stand there. JSON must be one array of objects, or objects one after another.`,
    );
  }

  #checkRest(window: TextWindow): void {
    if (window.text.length > LONGEST_RECORD) throw tooLong(this.name, this.#line);
    if (!window.complete) return;
    const ended = ['start', 'nothing', 'object'].includes(this.#expect);
    if (window.text === '' && ended) return;
    throw new StepError(
      'catalog_format',
      `The catalog ${this.name}, line ${this.#line}, record ${this.#record + 1}: the JSON is cut short. Fetch the file again.`,
    );
  }
}

/** For each state and character: the next state, and whether the character is consumed. */
const NEXT: Readonly<Record<Expect, (c: string) => readonly [Expect, boolean] | null>> = {
  start: (c) => (c === '[' ? ['elementOrEnd', true] : c === '{' ? ['object', false] : null),
  elementOrEnd: (c) => (c === ']' ? ['nothing', true] : c === ',' ? null : ['element', false]),
  element: (c) => (c === ']' ? ['nothing', true] : ',}:'.includes(c) ? null : ['element', false]),
  commaOrEnd: (c) => (c === ',' ? ['element', true] : c === ']' ? ['nothing', true] : null),
  object: (c) => (c === '{' ? ['object', false] : null),
  nothing: (c) => (c === '[' ? ['elementOrEnd', true] : null),
};

/** Stands before each record of a JSON text sequence (RFC 7464). */
const RECORD_SEPARATOR = '\u001E';
const BLANK = new RegExp(`[ \\t\\r\\n\\uFEFF${RECORD_SEPARATOR}]*`, 'y');

/** Returns the position after what stands before a record in its line, or `from`. */
function skipMark(text: string, from: number): number {
  return text[from] === '\uFEFF' || text[from] === RECORD_SEPARATOR ? from + 1 : from;
}

/**
 * Returns the position after the white space that begins at `from`. A byte order mark may stand
 * where files were put one behind another, and a separator before each record.
 */
export function skipBlank(text: string, from: number): number {
  BLANK.lastIndex = from;
  BLANK.exec(text);
  return BLANK.lastIndex;
}

/**
 * Returns the position after the value that starts at `from`, or -1 when its end has not come yet.
 *
 * @param options.isComplete whether no text follows, so that a number may end with the text.
 */
export function valueEnd(
  text: string,
  from: number,
  { isComplete }: { readonly isComplete: boolean },
): number {
  const first = text[from];
  if (first === '"') return stringEnd(text, from);
  if (first === '{' || first === '[') return nestedEnd(text, from);
  const scalar = /[^\s,\]}:"[{]*/y;
  scalar.lastIndex = from;
  scalar.exec(text);
  const end = Math.max(scalar.lastIndex, from + 1);
  return end < text.length || isComplete ? end : -1;
}

function nestedEnd(text: string, from: number): number {
  const mark = /["{}[\]]/g;
  mark.lastIndex = from;
  let depth = 0;
  for (let match = mark.exec(text); match !== null; match = mark.exec(text)) {
    const [character] = match;
    if (character === '"') {
      const end = stringEnd(text, match.index);
      if (end < 0) return -1;
      mark.lastIndex = end;
    } else {
      depth += character === '{' || character === '[' ? 1 : -1;
      if (depth === 0) return mark.lastIndex;
    }
  }
  return -1;
}

function stringEnd(text: string, from: number): number {
  for (let quote = text.indexOf('"', from + 1); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    let slashes = 0;
    while (text[quote - 1 - slashes] === '\\') slashes += 1;
    if (slashes % 2 === 0) return quote + 1;
  }
  return -1;
}

function tooLong(name: string, line: number): StepError {
  return new StepError(
    'catalog_format',
    `The catalog ${name}, line ${line}: the record is longer than ${LONGEST_RECORD} characters. If the file holds one object with a list of records in it, set \`records\` (--records); otherwise write the file without that record.`,
  );
}
