/**
 * How the fields of a CSV or TSV catalog are quoted. The input may name it; otherwise the first
 * rows of the catalog decide.
 *
 * text/tab-separated-values (IANA) has no quoting at all, but spreadsheets and data frames write
 * quoted TSV, and some database exports write `\"` where RFC 4180 writes `""`. The same characters
 * mean different cells in each of these dialects, so the one under which most rows have as many
 * fields as the header is taken.
 */
import { StepError } from '../../contract/errors';
import type { ParseJob } from '../../processes/process-messages';
import { TextWindow } from '../text/text-window';
import { CsvReader, type CsvDialect } from './csv-reader';

/** How many characters of the catalog decide. */
const SAMPLE_LENGTH = 1 << 20;

/** What one dialect makes of the sample. */
interface DialectScore {
  readonly dialect: CsvDialect;
  readonly badRows: number;
  readonly goodRows: number;
}

/** Whether the window has all text that {@link chooseDialect} looks at. */
export function isEnoughToChoose({ text, complete }: TextWindow): boolean {
  return complete || text.length >= SAMPLE_LENGTH;
}

/**
 * Returns the dialect of the catalog whose text begins with `window`, which is not consumed.
 *
 * @throws StepError `input` when the input names characters that cannot be a delimiter, quote or escape.
 */
export function chooseDialect(window: TextWindow, job: ParseJob): CsvDialect {
  const delimiter = delimiterOf(job);
  const quote = namedCharacter(job, 'quote', delimiter, 'fields are not quoted');
  const whenDoubled = 'a quote inside a field is written twice';
  const escape = namedCharacter(job, 'escape', delimiter, whenDoubled);
  const plain = { delimiter, quote: null, escape: null };
  if (quote === null) return plain;
  const quoteInUse = quote ?? '"';
  const isDoubled = escape === undefined || escape === quoteInUse;
  const doubled = { delimiter, quote: quoteInUse, escape: isDoubled ? null : escape };
  const sample = sampleOf(window);
  if (!sample.text.includes(doubled.quote))
    return job.format === 'tsv' && quote === undefined ? plain : doubled;
  const quoted = bestQuoted(doubled, escape === undefined, sample);
  if (quote !== undefined) return quoted.dialect;
  return isPlain(scoreDialect(plain, sample), quoted, sample, job.format) ? plain : quoted.dialect;
}

/** Backslashes before quotes count only when more rows fit the header with them. */
function bestQuoted(doubled: CsvDialect, mayEscape: boolean, sample: Sample): DialectScore {
  const score = scoreDialect(doubled, sample);
  if (!mayEscape) return score;
  const escaped = scoreDialect({ ...doubled, escape: '\\' }, sample);
  return escaped.badRows < score.badRows ? escaped : score;
}

/**
 * Whether the quotes of a sample are ordinary characters. In TSV they are, unless the file shows
 * otherwise. In CSV they enclose fields, unless every row fits the header as it stands, and quotes
 * of two rows would join them to one that fits too: that would give a row the cells of another, and
 * nothing would show it.
 */
function isPlain(
  plain: DialectScore,
  quoted: DialectScore,
  sample: Sample,
  format: ParseJob['format'],
): boolean {
  const { inHeader, doubled } = quotingShown(sample, plain.dialect);
  if (inHeader) return false;
  const hasMoreRows = plain.goodRows > quoted.goodRows;
  if (format === 'csv')
    return !doubled && hasMoreRows && plain.badRows === 0 && quoted.badRows === 0;
  if (plain.badRows !== quoted.badRows) return plain.badRows < quoted.badRows;
  return hasMoreRows || (plain.goodRows === quoted.goodRows && !doubled);
}

function delimiterOf({ delimiter, format }: ParseJob): string {
  const character = delimiter ?? (format === 'tsv' ? '\t' : ',');
  if (character.length === 1 && !'"\r\n'.includes(character)) return character;
  throw unusableCharacter('delimiter', character, 'one character that is no quote and no line end');
}

/** undefined: the input leaves it to the catalog; null: the input says that there is none. */
function namedCharacter(
  job: ParseJob,
  field: 'quote' | 'escape',
  delimiter: string,
  whenEmpty: string,
): string | null | undefined {
  const character = job[field];
  if (character === undefined) return undefined;
  if (character === '') return null;
  if (character.length === 1 && !`${delimiter}\r\n`.includes(character)) return character;
  const wanted = `one character that is no delimiter and no line end, or "" when ${whenEmpty}`;
  throw unusableCharacter(field, character, wanted);
}

function unusableCharacter(field: string, given: string, wanted: string): StepError {
  return new StepError('input', `\`${field}\` is ${JSON.stringify(given)}: give ${wanted}.`);
}

interface Sample {
  readonly text: string;
  readonly complete: boolean;
}

function sampleOf({ text, complete }: TextWindow): Sample {
  const start = text.slice(0, SAMPLE_LENGTH);
  return { text: start, complete: complete && start.length === text.length };
}

function scoreDialect(dialect: CsvDialect, sample: Sample): DialectScore {
  const reader = new CsvReader(dialect, '');
  let badRows = 0;
  let goodRows = 0;
  for (const { fields, problem } of reader.read(windowOf(sample))) {
    if (reader.width === null) reader.width = fields.length;
    else if (problem === null && fields.length === reader.width) goodRows += 1;
    else badRows += 1;
  }
  return { dialect, badRows, goodRows };
}

function windowOf({ text, complete }: Sample): TextWindow {
  const window = new TextWindow();
  window.append({ text, bad: [] });
  window.complete = complete;
  return window;
}

/** A whole field in quotes, every quote inside it written twice. */
const QUOTED_FIELD = /^"(?:[^"]|"")*"$/;

/**
 * What shows that cells which begin and end with a quote were quoted by the program that wrote the
 * file: it quotes the header too, or a cell for the quote inside it, which it then writes twice.
 * `"Sunset"` alone is a title in quotes.
 */
function quotingShown(
  sample: Sample,
  plain: CsvDialect,
): { readonly inHeader: boolean; readonly doubled: boolean } {
  const [header = [], ...rows] = [...new CsvReader(plain, '').read(windowOf(sample))].map(
    ({ fields }) => fields.filter((field) => QUOTED_FIELD.test(field)),
  );
  const isDoubled = (field: string): boolean => field.slice(1).includes('""');
  return { inHeader: header.length > 0, doubled: rows.some((fields) => fields.some(isDoubled)) };
}
