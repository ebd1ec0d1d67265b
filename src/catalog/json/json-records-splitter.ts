/**
 * Cuts the records out of one JSON object that has them under a key: `images` of COCO, `features`
 * of GeoJSON, `data.items` of an API. What lies beside them is skipped piece by piece, so it may be
 * of any size.
 */
import { StepError } from '../../contract/errors';
import { countLines } from '../text/count-lines';
import { LONGEST_RECORD, type TextWindow } from '../text/text-window';
import { skipBlank, valueEnd, type JsonPiece } from './json-splitter';

/** Before a value on the way to the records, among the members of an object, inside a value that is skipped, … */
type Mode = 'value' | 'members' | 'skipped' | 'elements' | 'keyed' | 'done';

/** In the place of a key: the file itself is the object, or the list, of the records. */
export const WHOLE_FILE = '.';

/** The text that is there ends before what is needed. */
const NOT_WHOLE = -1;
const NAMES_SHOWN = 30;

/** One instance reads one file. */
export class JsonRecordsSplitter {
  readonly #name: string;
  readonly #records: string;
  readonly #keys: readonly string[];
  #mode: Mode = 'value';
  /** How many of the keys have been followed. */
  #level = 0;
  /** Of the value that is skipped. */
  #depth = 0;
  #isInString = false;
  #line = 1;
  #record = 0;
  /** Names beside the key that is looked for, for the message. */
  #seen: string[] = [];
  #piece: JsonPiece | null = null;

  constructor(name: string, records: string) {
    this.#name = name;
    this.#records = records;
    this.#keys = records === WHOLE_FILE ? [] : records.split('.');
  }

  /**
   * The records that are whole in the window; what is used up is dropped from it.
   *
   * @throws StepError `catalog_format` with the line where the records are not, or are cut short.
   */
  *read(window: TextWindow): Generator<JsonPiece> {
    let at = 0;
    while (at < window.text.length) {
      const end = this.#step(window, at);
      if (end === NOT_WHOLE) break;
      const piece = this.#piece;
      this.#piece = null;
      if (piece !== null) yield piece;
      this.#line += countLines(window.text.slice(at, end), false);
      at = end;
    }
    window.drop(at);
    if (window.text.length > LONGEST_RECORD)
      throw this.#unusable(`a record, or a name, is longer than ${LONGEST_RECORD} characters`);
    if (window.complete && this.#mode !== 'done') throw this.#ended();
  }

  /** Reads one token from `at` on and returns where it ends. */
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

  /** The value that a key leads to: an object on the way, or the list of records, or an object of records. */
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
    const end = valueEnd(window.text, at, window.complete);
    if (end >= 0) this.#piece = this.#pieceOf(window, at, end);
    return end;
  }

  #readMember(window: TextWindow, at: number): number {
    const { text } = window;
    if (text[at] !== '"') throw this.#unusable(`${JSON.stringify(text[at])} cannot stand there`);
    const keyEnd = valueEnd(text, at, true);
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
    const end = valueEnd(window.text, from, window.complete);
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

  /** Goes on to the end of the value that is skipped, or of the text. */
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

  /** Behind the string's closing quote, or at the end of the text while it is open. */
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
