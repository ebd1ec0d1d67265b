/** Cuts JSON text into its records: the elements of one array, or objects one after another. */
import { StepError } from '../../contract/errors';
import { countLines } from '../text/count-lines';
import { LONGEST_RECORD } from '../text/text-window';
import type { TextWindow } from '../text/text-window';

/** The text of one record, not yet checked. `line` is where it starts (from 1). */
export interface JsonPiece {
  readonly text: string;
  readonly line: number;
  readonly badEncoding: boolean;
  /** True for the last line of NDJSON when the file ends without a line end: it may be cut short. */
  readonly unended: boolean;
  /** The name under which an object of records has it. */
  readonly key?: string;
}

/** Cuts NDJSON at its lines; blank ones are skipped. */
export class NdjsonSplitter {
  #line = 0;

  constructor(readonly name: string) {}

  /** **Errors** {@link StepError} `catalog_format` for a line that is too long. */
  *read(window: TextWindow): Generator<JsonPiece> {
    let start = 0;
    while (start < window.text.length) {
      const found = window.text.indexOf('\n', start);
      if (found < 0 && !window.complete) break;
      const end = found < 0 ? window.text.length : found;
      this.#line += 1;
      const text = window.text.slice(start, end);
      const badEncoding = window.isBad(start, end);
      start = end + 1;
      if (text.trim() !== '') yield { text, line: this.#line, badEncoding, unended: found < 0 };
    }
    window.drop(start);
    if (window.text.length > LONGEST_RECORD) throw tooLong(this.name, this.#line + 1);
  }
}

type Expect = 'start' | 'element' | 'elementOrEnd' | 'commaOrEnd' | 'nothing' | 'object';

/** Cuts one array, or objects one after another. */
export class JsonSplitter {
  #line = 1;
  #record = 0;
  #expect: Expect = 'start';

  constructor(readonly name: string) {}

  /** **Errors** {@link StepError} `catalog_format` with line and record for text that is no such JSON or cut short. */
  *read(window: TextWindow): Generator<JsonPiece> {
    let start = 0;
    for (;;) {
      const at = skipBlank(window.text, start);
      this.#line += countLines(window.text.slice(start, at), false);
      start = at;
      if (at >= window.text.length) break;
      if (this.#punctuation(window.text[at] ?? '')) {
        start += 1;
        continue;
      }
      const end = valueEnd(window.text, at, window.complete);
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
    this.#line += countLines(text, false);
    this.#record += 1;
    this.#expect = this.#expect === 'object' ? 'object' : 'commaOrEnd';
    return piece;
  }

  /** True when the character is one that stands between records, and may stand here. */
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

/** What a character means where something is expected: what is expected then, and whether it is used up. */
const NEXT: Readonly<Record<Expect, (c: string) => readonly [Expect, boolean] | null>> = {
  start: (c) => (c === '[' ? ['elementOrEnd', true] : c === '{' ? ['object', false] : null),
  elementOrEnd: (c) => (c === ']' ? ['nothing', true] : c === ',' ? null : ['element', false]),
  element: (c) => (c === ']' || c === ',' || c === '}' || c === ':' ? null : ['element', false]),
  commaOrEnd: (c) => (c === ',' ? ['element', true] : c === ']' ? ['nothing', true] : null),
  object: (c) => (c === '{' ? ['object', false] : null),
  nothing: () => null,
};

/** Returns the position after the white space that begins at `from`. */
export function skipBlank(text: string, from: number): number {
  const blank = /[ \t\r\n]*/y;
  blank.lastIndex = from;
  blank.exec(text);
  return blank.lastIndex;
}

/** Where the value that starts here ends; -1 when that has not come yet. */
export function valueEnd(text: string, from: number, complete: boolean): number {
  const first = text[from];
  if (first === '"') return stringEnd(text, from);
  if (first === '{' || first === '[') return nestedEnd(text, from);
  const scalar = /[^\s,\]}:"[{]*/y;
  scalar.lastIndex = from;
  scalar.exec(text);
  const end = Math.max(scalar.lastIndex, from + 1);
  return end < text.length || complete ? end : -1;
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
    `The catalog ${name}, line ${line}: the record is longer than ${LONGEST_RECORD} characters.`,
  );
}
