/**
 * Extracts the records that a JSON object has under a key, such as `images` in COCO, `features` in
 * GeoJSON, or `data.items` in the response of an API. Other members are skipped in pieces, so they
 * may be of any size.
 */
import { StepError } from '../../contract/errors';
import { countLines } from '../text/count-lines';
import { LONGEST_RECORD, type TextWindow } from '../text/text-window';
import { skipBlank, valueEnd, type JsonPiece } from './json-splitter';

/**
 * What is expected: `value`, the value of a key on the path to the records; `members`, the members
 * of an object on that path; `skipped`, the rest of a value that is skipped; `elements`, records in
 * an array; `keyed`, records in an object; `done`, nothing.
 */
type Mode = 'value' | 'members' | 'skipped' | 'elements' | 'keyed' | 'done';

/** Given instead of a key, it means that the file itself is the object or array of the records. */
export const WHOLE_FILE = '.';

/** A position that stands for text that ends before the token does. */
const NOT_WHOLE = -1;
const NAMES_SHOWN = 30;

/** One instance reads one file. */
export class JsonRecordsSplitter {
  readonly #name: string;
  readonly #records: string;
  readonly #keys: readonly string[];
  #mode: Mode = 'value';
  /** The number of keys that have been followed so far. */
  #level = 0;
  /** The nesting depth inside the value that is skipped. */
  #depth = 0;
  #isInString = false;
  #line = 1;
  #record = 0;
  /** The names found where the key was expected, for the error message. */
  #seen: string[] = [];
  #piece: JsonPiece | null = null;

  constructor(name: string, records: string) {
    this.#name = name;
    this.#records = records;
    this.#keys = records === WHOLE_FILE ? [] : records.split('.');
  }

  /**
   * Yields the records that are complete in the window, and drops the text that has been processed.
   *
   * @throws {@link StepError} `catalog_format`, with the line at which the records are missing or
   * cut short.
   */
  *read(window: TextWindow): Generator<JsonPiece> {
    let at = 0;
    while (at < window.text.length) {
      const end = this.#step(window, at);
      if (end === NOT_WHOLE) break;
      const piece = this.#piece;
      this.#piece = null;
      if (piece !== null) yield piece;
      this.#line += countLines(window.text.slice(at, end));
      at = end;
    }
    window.drop(at);
    if (window.text.length > LONGEST_RECORD)
      throw this.#unusable(`a record, or a name, is longer than ${LONGEST_RECORD} characters`);
    if (window.complete && this.#mode !== 'done') throw this.#ended();
  }

  /** Reads the token at `at` and returns the position of its end. */
  #step(window: TextWindow, at: number): number {
    const { text } = window;
    if (this.#mode === 'done') return text.length;
    if (this.#mode === 'skipped') return this.#skip(text, at, window.complete);
    const character = text[at] ?? '';
    if (' \t\r\n'.includes(character)) return skipBlank(text, at);
    if (this.#mode === 'value') return this.#enter(character, at);
    if (character === ',') return at + 1;
    if (this.#mode === 'elements') return this.#readElement(window, at);
    if (character === '}') return this.#leave(at);
    return this.#readMember(window, at);
  }

  /** Enters the value of a key: an object on the path, or the array or object of the records. */
  #enter(character: string, at: number): number {
    const isThere = this.#level === this.#keys.length;
    if (character === '{') this.#mode = isThere ? 'keyed' : 'members';
    else if (character === '[' && isThere) this.#mode = 'elements';
    else throw this.#unusable(`${this.#place()} is no ${isThere ? 'list or object' : 'object'}`);
    return at + 1;
  }

  #leave(at: number): number {
    if (this.#mode !== 'keyed') throw this.#missing();
    this.#mode = 'done';
    return at + 1;
  }

  #readElement(window: TextWindow, at: number): number {
    if (window.text[at] === ']') {
      this.#mode = 'done';
      return at + 1;
    }
    const end = valueEnd(window.text, at, { isComplete: window.complete });
    if (end >= 0) this.#piece = this.#pieceOf(window, at, end);
    return end;
  }

  #readMember(window: TextWindow, at: number): number {
    const { text } = window;
    if (text[at] !== '"') throw this.#unusable(`${JSON.stringify(text[at])} cannot stand there`);
    const keyEnd = valueEnd(text, at, { isComplete: true });
    if (keyEnd < 0) return NOT_WHOLE;
    const colon = skipBlank(text, keyEnd);
    if (colon >= text.length) return NOT_WHOLE;
    if (text[colon] !== ':') throw this.#unusable('a name without a value');
    const from = colon + 1 < text.length ? skipBlank(text, colon + 1) : text.length;
    if (from >= text.length) return NOT_WHOLE;
    const key = this.#keyOf(text.slice(at, keyEnd));
    if (this.#mode === 'keyed') return this.#readKeyed(window, from, key);
    this.#seen.push(key.slice(0, 100));
    if (key === this.#keys[this.#level]) {
      this.#mode = 'value';
      this.#level += 1;
      this.#seen = [];
    } else this.#mode = 'skipped';
    return from;
  }

  #readKeyed(window: TextWindow, from: number, key: string): number {
    const end = valueEnd(window.text, from, { isComplete: window.complete });
    if (end >= 0) this.#piece = { ...this.#pieceOf(window, from, end), key };
    return end;
  }

  #keyOf(raw: string): string {
    try {
      return String(JSON.parse(raw));
    } catch {
      throw this.#unusable('a name that is no JSON');
    }
  }

  #pieceOf(window: TextWindow, at: number, end: number): JsonPiece {
    this.#record += 1;
    const text = window.text.slice(at, end);
    return { text, line: this.#line, badEncoding: window.isBad(at, end), unended: false };
  }

  /** Skips to the end of the value, or to the end of the text. */
  #skip(text: string, from: number, complete: boolean): number {
    const mark = /["{}[\],]/g;
    let at = from;
    while (at < text.length) {
      if (this.#isInString) {
        const end = this.#endOfString(text, at, complete);
        if (end === NOT_WHOLE) return at === from ? NOT_WHOLE : at;
        at = end;
        continue;
      }
      mark.lastIndex = at;
      const match = mark.exec(text);
      if (match === null) return text.length;
      if (this.#depth === 0 && ',}]'.includes(match[0])) {
        this.#mode = 'members';
        return match.index;
      }
      at = match.index + 1;
      if (match[0] === '"') this.#isInString = true;
      else if (match[0] !== ',') this.#depth += '{['.includes(match[0]) ? 1 : -1;
    }
    return at;
  }

  /** Returns the position after the closing quote, or the end of the text before it is there. */
  #endOfString(text: string, from: number, complete: boolean): number {
    const mark = /[\\"]/g;
    mark.lastIndex = from;
    for (let match = mark.exec(text); match !== null; match = mark.exec(text)) {
      if (match[0] === '"') {
        this.#isInString = false;
        return match.index + 1;
      }
      if (match.index + 1 >= text.length && !complete)
        return match.index > from ? match.index : NOT_WHOLE;
      mark.lastIndex = match.index + 2;
    }
    return text.length;
  }

  #ended(): StepError {
    if (this.#mode === 'value' && this.#level === 0 && this.#keys.length > 0)
      return this.#missing();
    return this.#unusable(`the JSON is cut short after record ${this.#record}`);
  }

  #missing(): StepError {
    const names = this.#seen.slice(0, NAMES_SHOWN).map((name) => JSON.stringify(name));
    return this.#unusable(
      `there is no ${JSON.stringify(this.#keys[this.#level])} among ${names.join(', ') || 'no names'}`,
    );
  }

  #place(): string {
    const keys = this.#keys.slice(0, this.#level);
    return keys.length === 0 ? 'the file' : JSON.stringify(keys.join('.'));
  }

  #unusable(problem: string): StepError {
    return new StepError(
      'catalog_format',
      `The catalog ${this.#name}, line ${this.#line}: ${problem}. \`records\` (--records) is ${JSON.stringify(this.#records)}: name the list of records, and each object that it is in, as in data.items.`,
    );
  }
}
