/**
 * How the fields of a CSV or TSV catalog are separated and quoted, and where its header is. The
 * input may name the characters; otherwise the first rows of the catalog decide.
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
import { fitsWidth, widthOfHeader, widthOfRow } from './row-width';
import {
  beginsWithName,
  findHeader,
  separatorLine,
  titleRowsByWidth,
  type IsHeader,
} from './find-header';

/** How many characters of the catalog decide. */
const SAMPLE_LENGTH = 1 << 20;

/** Characters that separate fields, where the input names none. */
const DELIMITERS = [',', ';', '\t', '|'] as const;

/**
 * Delimiters that are tried where the others do not fit. They are rarer, and some of them occur in
 * URLs. Hive writes U+0001.
 */
const RARE_DELIMITERS = ['\u0001', '\u001f', '^', '~', ' '] as const;

/** A dialect, and how many rows are above the header. */
export interface CsvLayout {
  readonly dialect: CsvDialect;
  readonly titleRows: number;
  /** Whether the rows begin with their names, for which the header has no field. */
  readonly hasRowNames: boolean;
}

/** What one dialect makes of the sample. */
interface LayoutScore extends CsvLayout {
  readonly badRows: number;
  readonly goodRows: number;
  /** How many fields the header has. */
  readonly width: number;
  /** Whether a row was recognised as the header. */
  readonly hasHeader: boolean;
}

/** Whether the window has all text that {@link chooseLayout} looks at. */
export function isEnoughToChoose({ text, complete }: TextWindow): boolean {
  return complete || text.length >= SAMPLE_LENGTH;
}

/**
 * Returns the layout of the catalog whose text begins with `window`, which is not consumed.
 *
 * @param isHeader null while the names of the columns are not known.
 * @throws StepError `input` when the input names characters that cannot be a delimiter, quote or
 *   escape.
 */
export function chooseLayout(
  window: TextWindow,
  job: ParseJob,
  isHeader: IsHeader | null,
): CsvLayout {
  const sample: Sample = {
    ...startOf(window),
    isHeader,
    mayHaveTitles: job.header !== false,
  };
  const separator = separatorLine(sample.text);
  const named = job.delimiter ?? separator;
  const own = named ?? (job.format === 'tsv' ? '\t' : ',');
  const best = bestLayout(usableDelimiter(own), job, sample);
  if (named !== null || (fits(best) && best.titleRows === 0))
    return orSingleQuoted(best, job, sample);
  if (best.hasHeader) return best;
  const others = DELIMITERS.filter((delimiter) => delimiter !== own).map((delimiter) =>
    bestLayout(delimiter, job, sample),
  );
  const usual = others.reduce((one, other) => (isBetter(other, one) ? other : one), best);
  const rare = fits(usual) ? undefined : rareLayout(job, sample);
  return orSingleQuoted(rare ?? usual, job, sample);
}

/**
 * The first layout with a rare delimiter under which the header is found. Where its names are not
 * known, the delimiter must precede a URL, and most rows must fit the first one.
 */
function rareLayout(job: ParseJob, sample: Sample): LayoutScore | undefined {
  const layouts = RARE_DELIMITERS.map((delimiter) => bestLayout(delimiter, job, sample));
  if (sample.isHeader !== null) return layouts.find(({ hasHeader }) => hasHeader);
  return layouts.find((layout) => {
    const { delimiter } = layout.dialect;
    const precedesUrl = new RegExp(`\\${delimiter}"?https?://`, 'i').test(sample.text);
    return precedesUrl && fits(layout) && layout.titleRows === 0;
  });
}

/** A URL in apostrophes, as a whole field. */
const SINGLE_QUOTED_URL = /[,;\t|]'https?:\/\/[^'\r\n]*'(?:[,;\t|\r\n]|$)/i;

/**
 * Tries apostrophes as quotes when they enclose URLs. Only an inspection does this: in most texts
 * apostrophes are ordinary characters, so a run treats them as quotes only when its input has
 * `quote`.
 */
function orSingleQuoted(best: LayoutScore, job: ParseJob, sample: Sample): CsvLayout {
  const isOpen = sample.isHeader === null && job.quote === undefined;
  if (!isOpen || !SINGLE_QUOTED_URL.test(sample.text)) return best;
  const single = bestLayout(best.dialect.delimiter, { ...job, quote: "'" }, sample);
  return fits(single) && single.badRows <= best.badRows ? single : best;
}

/** A header that was recognised decides; otherwise rows that have as many fields as the header. */
function fits({ hasHeader, width, badRows, goodRows }: LayoutScore): boolean {
  return hasHeader || (width > 1 && badRows <= goodRows);
}

function isBetter(other: LayoutScore, one: LayoutScore): boolean {
  if (other.hasHeader !== one.hasHeader) return other.hasHeader;
  if (!fits(other)) return false;
  if (!fits(one)) return true;
  // Commas in the numbers of a file with semicolons make its header look like a title.
  if ((other.titleRows === 0) !== (one.titleRows === 0)) return other.titleRows === 0;
  return other.badRows === one.badRows ? other.width > one.width : other.badRows < one.badRows;
}

/** The way to quote that suits the sample, with this delimiter. */
function bestLayout(delimiter: string, job: ParseJob, sample: Sample): LayoutScore {
  const quote = namedCharacter(job, 'quote', delimiter, 'fields are not quoted');
  const whenDoubled = 'a quote inside a field is written twice';
  const escape = namedCharacter(job, 'escape', delimiter, whenDoubled);
  const plain = (): LayoutScore => scoreDialect({ delimiter, quote: null, escape: null }, sample);
  if (quote === null) return plain();
  const isTabbed = isTabSeparated(delimiter, job);
  const quoteInUse = quote ?? '"';
  const isDoubled = escape === undefined || escape === quoteInUse;
  const doubled = { delimiter, quote: quoteInUse, escape: isDoubled ? null : escape };
  if (!sample.text.includes(doubled.quote))
    return isTabbed && quote === undefined ? plain() : scoreDialect(doubled, sample);
  const quoted = bestQuoted(doubled, escape === undefined, sample);
  if (quote !== undefined) return quoted;
  const unquoted = plain();
  return isPlain(unquoted, quoted, sample, isTabbed) ? unquoted : quoted;
}

/** Whether the customs of TSV hold: by the format, or by a delimiter that the catalog shows. */
function isTabSeparated(delimiter: string, job: ParseJob): boolean {
  return job.delimiter === null ? delimiter === '\t' : job.format === 'tsv';
}

/** Backslashes before quotes count only when more rows fit the header with them. */
function bestQuoted(doubled: CsvDialect, mayEscape: boolean, sample: Sample): LayoutScore {
  const score = orSpaced(scoreDialect(doubled, sample), sample);
  if (!mayEscape) return score;
  const escaped = scoreDialect({ ...doubled, escape: '\\' }, sample);
  return escaped.badRows < score.badRows ? escaped : score;
}

const SPACED_QUOTE = /[,;|] +"/;
const SPACED_URL = /[,;|] +"https?:\/\//i;

/**
 * Tries to skip blanks before quotes, and does so when more of the sample fits then, or when blanks
 * precede quoted URLs.
 */
function orSpaced(score: LayoutScore, sample: Sample): LayoutScore {
  if (score.dialect.quote !== '"' || !SPACED_QUOTE.test(sample.text)) return score;
  const spaced = scoreDialect({ ...score.dialect, skipsBlanks: true }, sample);
  if (spaced.hasHeader !== score.hasHeader) return spaced.hasHeader ? spaced : score;
  const fewer = score.badRows + score.titleRows - (spaced.badRows + spaced.titleRows);
  return fewer > 0 || (fewer === 0 && SPACED_URL.test(sample.text)) ? spaced : score;
}

/**
 * Whether the quotes of a sample are ordinary characters. In TSV they are, unless the file shows
 * otherwise. In CSV they enclose fields, unless every row fits the header as it stands, and quotes
 * of two rows would join them to one that fits too: that would give a row the cells of another, and
 * nothing would show it.
 */
function isPlain(
  plain: LayoutScore,
  quoted: LayoutScore,
  sample: Sample,
  isTabbed: boolean,
): boolean {
  const { inHeader, doubled } = quotingShown(sample, plain);
  // Lines of quoted cells may all be equally wide, and then the real header looks like a title.
  if (inHeader || plain.titleRows > quoted.titleRows) return false;
  const hasMoreRows = plain.goodRows > quoted.goodRows;
  if (!isTabbed) return !doubled && hasMoreRows && plain.badRows === 0 && quoted.badRows === 0;
  if (plain.badRows !== quoted.badRows) return plain.badRows < quoted.badRows;
  return hasMoreRows || (plain.goodRows === quoted.goodRows && !doubled);
}

function usableDelimiter(character: string): string {
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
  readonly isHeader: IsHeader | null;
  readonly mayHaveTitles: boolean;
}

function startOf({ text, complete }: TextWindow): Pick<Sample, 'text' | 'complete'> {
  const start = text.slice(0, SAMPLE_LENGTH);
  return { text: start, complete: complete && start.length === text.length };
}

function scoreDialect(dialect: CsvDialect, sample: Sample): LayoutScore {
  const header = headerAt(dialect, sample);
  const titleRows = header ?? titleRowsWithoutHeader(dialect, sample);
  const shown = { dialect, titleRows, hasHeader: header !== null };
  const plain = { ...shown, hasRowNames: false, ...countFitting(shown, sample, false) };
  if (!sample.mayHaveTitles || plain.badRows === 0) return plain;
  const named = countFitting(shown, sample, true);
  return named.badRows < plain.badRows ? { ...shown, hasRowNames: true, ...named } : plain;
}

/** The rows that fit the header. With `hasRowNames` none does unless the first one shows it. */
function countFitting(
  { dialect, titleRows }: Pick<CsvLayout, 'dialect' | 'titleRows'>,
  sample: Sample,
  hasRowNames: boolean,
): Pick<LayoutScore, 'badRows' | 'goodRows' | 'width'> {
  const reader = new CsvReader(dialect, '');
  let header: readonly string[] | null = null;
  let [badRows, goodRows, seen] = [0, 0, 0];
  for (const { fields, problem } of reader.read(windowOf(sample))) {
    seen += 1;
    if (seen <= titleRows) continue;
    if (reader.width === null) {
      const names = hasRowNames ? ['', ...fields] : fields;
      header = fields;
      reader.width = sample.mayHaveTitles ? widthOfHeader(names) : widthOfRow(fields);
    } else if (problem === null && fitsWidth(fields, reader.width)) goodRows += 1;
    else badRows += 1;
    const isFirstRow = seen === titleRows + 2;
    if (hasRowNames && isFirstRow && !beginsWithName(header ?? [], fields))
      return { badRows: Infinity, goodRows: 0, width: 0 };
  }
  return { badRows, goodRows, width: reader.width?.most ?? 0 };
}

/** How many rows are above the header that is asked for; null when it is not found. */
function headerAt(dialect: CsvDialect, sample: Sample): number | null {
  const { isHeader, mayHaveTitles } = sample;
  if (isHeader === null) return null;
  return findHeader(new CsvReader(dialect, '').read(windowOf(sample)), isHeader, mayHaveTitles);
}

function titleRowsWithoutHeader(dialect: CsvDialect, sample: Sample): number {
  const separatorRows = separatorLine(sample.text) === null ? 0 : 1;
  if (sample.isHeader !== null || separatorRows > 0) return separatorRows;
  return titleRowsByWidth(new CsvReader(dialect, '').read(windowOf(sample)));
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
 * file: it quotes the header too, or a URL, or a cell for the quote inside it, which it then writes
 * twice.
 * `"Sunset"` alone is a title in quotes.
 */
function quotingShown(
  sample: Sample,
  { dialect, titleRows }: Pick<CsvLayout, 'dialect' | 'titleRows'>,
): { readonly inHeader: boolean; readonly doubled: boolean } {
  const [header = [], ...rows] = [...new CsvReader(dialect, '').read(windowOf(sample))]
    .slice(titleRows)
    .map(({ fields }) => fields.filter((field) => QUOTED_FIELD.test(field)));
  const isDoubled = (field: string): boolean =>
    field.slice(1).includes('""') || /^"https?:\/\//i.test(field);
  return { inHeader: header.length > 0, doubled: rows.some((fields) => fields.some(isDoubled)) };
}
