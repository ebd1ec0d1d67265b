/**
 * Lists and dictionaries as Python prints them. Data frames write them into the cells of CSV, and
 * programs that print their records write one on each line.
 */

/** A string with its quotes, a word or a number, or punctuation, without white space before it. */
const TOKEN =
  /\s*(?:[uUbB]?'([^'\\]*(?:\\[^][^'\\]*)*)'|[uUbB]?"([^"\\]*(?:\\[^][^"\\]*)*)"|([\w.+-]+)|([{}[\](),:]))/y;

const WORDS: ReadonlyMap<string, string> = new Map([
  ['None', 'null'],
  ['nan', 'null'],
  ['True', 'true'],
  ['False', 'false'],
  ['inf', '"Infinity"'],
  ['-inf', '"-Infinity"'],
]);

/**
 * Converts a list, a tuple, a dictionary, or an array of NumPy, which has no commas, to JSON text.
 *
 * @returns null when the text is none of these, or contains more than texts, numbers and constants,
 *   such as `datetime(2020, 1, 1)`.
 */
export function jsonOfPython(text: string): string | null {
  if (!/^\s*[[{(]/.test(text)) return null;
  const parts: string[] = [];
  TOKEN.lastIndex = 0;
  let end = 0;
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) {
    const [whole, single, double, word, mark] = match;
    const string = single ?? double;
    const beginsValue = mark === undefined || '([{'.includes(mark);
    if (beginsValue && isBehindValue(parts) && !/^\s/.test(whole)) return null;
    if (mark === undefined)
      addValue(parts, string === undefined ? wordOf(word ?? '') : quoted(string));
    else addMark(parts, mark);
    end = TOKEN.lastIndex;
  }
  const json = parts.join('');
  return text.slice(end).trim() === '' && isJson(json) ? json : null;
}

function isBehindValue(parts: readonly string[]): boolean {
  return !'[{,:'.includes(parts.at(-1) ?? '');
}

/** NumPy prints white space alone between two values. */
function addValue(parts: string[], value: string): void {
  if (isBehindValue(parts)) parts.push(',');
  parts.push(value);
}

/** A comma may stand before a closing bracket, and a number before a colon. */
function addMark(parts: string[], mark: string): void {
  const before = parts.at(-1) ?? '';
  if (')]}'.includes(mark) && before === ',') parts.pop();
  if (mark === ':' && /^-?\d/.test(before)) parts[parts.length - 1] = JSON.stringify(before);
  const json = BRACKETS.get(mark) ?? mark;
  if ('[{'.includes(json)) addValue(parts, json);
  else parts.push(json);
}

const BRACKETS: ReadonlyMap<string, string> = new Map([
  ['(', '['],
  [')', ']'],
]);

function wordOf(word: string): string {
  return WORDS.get(word) ?? word;
}

const ESCAPE = /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([^]))/g;
const CONTROLS: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['\n', ''],
]);

/** The JSON of the text between quotes. A backslash before other letters stands for itself. */
function quoted(string: string): string {
  const value = string.replaceAll(ESCAPE, (whole, hex2, hex4, hex8, character: string) => {
    const hex = [hex2, hex4, hex8].find((digits) => digits !== undefined) as string | undefined;
    if (hex !== undefined) return codePoint(Number.parseInt(hex, 16), whole);
    return CONTROLS.get(character) ?? ('\'"\\'.includes(character) ? character : whole);
  });
  return JSON.stringify(value);
}

function codePoint(code: number, otherwise: string): string {
  return code <= 0x10ffff ? String.fromCodePoint(code) : otherwise;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    // The caller takes it for an ordinary text.
    return false;
  }
}

/** The value of a cell that is JSON, or a list or dictionary of Python; else undefined. */
export function valueOfCell(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const json = jsonOfPython(text);
    return json === null ? undefined : JSON.parse(json);
  }
}

/** The JSON text of a cell: its own, or that of a list or dictionary of Python; else null. */
export function jsonOfCell(text: string): string | null {
  return isJson(text) ? text : jsonOfPython(text);
}
