/** Stages JSON and NDJSON records. Their columns are known only after all records are read. */
import { StepError } from '../../contract/errors';
import { shellWord } from '../../contract/commands/shell-word';
import { checkColumns, ColumnsNotFound } from '../catalog-columns';
import type { CatalogReading } from '../catalog-reading';
import type { RowPlace } from '../records/catalog-record';
import type { ParseJob } from '../../processes/process-messages';
import { ArrayRows, type ArrayCells } from './array-rows';
import { parseJsonRecord, parseKeyedRecord } from './json-record';
import type { JsonFields } from './json-record';
import { withoutLastComma } from './lenient-json';
import { JsonRecordsSplitter } from './json-records-splitter';
import { JsonSplitter, NdjsonSplitter } from './json-splitter';
import type { JsonPiece } from './json-splitter';
import { readText } from '../text/text-window';

/**
 * The number of columns from which each new one is checked. It is far above that of any real
 * catalog, and keeps names that differ from row to row from filling the memory.
 */
const COLUMN_CHECK = 2_000;
const LISTS_SHOWN = 5;
/** How much of a record a message shows. In UTF-16 units. */
const RECORD_SHOWN = 200;

/**
 * Reads the records of one file and stages them.
 *
 * @throws {@link StepError} `catalog_columns`, `catalog_format` or `input`.
 */
export async function readJsonCatalog(reading: CatalogReading): Promise<void> {
  const { job, file, onRest } = reading;
  const splitter = splitterOf(job);
  const taker = new JsonTaker(reading);
  const isByLine = job.format === 'ndjson';
  for await (const window of readText({ ...job, file, onRest })) {
    for (const piece of splitter.read(window)) {
      const text = isByLine ? withoutLastComma(piece.text) : piece.text;
      await taker.take(text === piece.text ? piece : { ...piece, text }, window.encoding);
    }
  }
  taker.finish();
}

function splitterOf({
  format,
  name,
  records,
}: ParseJob): JsonSplitter | NdjsonSplitter | JsonRecordsSplitter {
  if (format === 'ndjson') return new NdjsonSplitter(name);
  return records === undefined ? new JsonSplitter(name) : new JsonRecordsSplitter(name, records);
}

class JsonTaker {
  #pieces = 0;
  /** Records that have columns: objects, and arrays where columns are known for them. */
  #taken = 0;
  /** The first record, if it is an array. */
  #firstArray: string | null = null;
  readonly #arrays: ArrayRows;
  /** The names of the first record's fields that are arrays of objects or of arrays. */
  #lists: readonly string[] = [];
  /** Whether the catalog is one object of which every member is an object. */
  #isObjectOfRecords = false;

  constructor(private readonly reading: CatalogReading) {
    this.#arrays = new ArrayRows(reading);
  }

  async take(piece: JsonPiece, encoding: string): Promise<void> {
    const { rows } = this.reading;
    this.#pieces += 1;
    const { text, badEncoding } = piece;
    const isArray = piece.key === undefined && /^\s*\[/.test(text);
    if (isArray && !badEncoding && this.#isHeader(text)) return;
    const place = rows.next(piece.line);
    if (badEncoding) rows.rejectEncoding(place, encoding);
    else if (isArray) await this.#takeArray(place, piece);
    else await this.#takeObject(place, piece);
  }

  /** Checks the columns, because all names are known now. */
  finish(): void {
    const { job, rows } = this.reading;
    if (this.#pieces === 0) return;
    if (this.#taken === 0) {
      if (this.#firstArray !== null) throw this.#withoutColumns(this.#firstArray);
      const first = rows.firstProblem ?? 'no record is an object';
      throw new StepError(
        'catalog_format',
        `The catalog ${job.name} holds no JSON object as ${job.format} has it. ${first}. Set \`format\`: \`json\` is one array, \`ndjson\` one object a line.`,
      );
    }
    this.#checkColumns();
  }

  #isHeader(text: string): boolean {
    const isFirst = this.#pieces === 1;
    const isHeader = this.#arrays.isHeader(text, isFirst);
    if (isHeader) this.#taken += 1;
    else if (isFirst) this.#firstArray = text;
    return isHeader;
  }

  /** All records are arrays, or no JSON, and nothing says what the columns of the arrays are. */
  #withoutColumns(first: string): StepError {
    const { job } = this.reading;
    const format =
      job.format === 'ndjson' && /^\s*\[\s*\{/.test(first)
        ? ' Is it one array of objects? That is the format `json` (--format json).'
        : '';
    return new ColumnsNotFound(
      `The catalog ${job.name} has arrays where objects belong, and the first of them does not name the columns that are asked for: ${first.trim().slice(0, RECORD_SHOWN)}.${format} If it has the names of the columns, set \`columns\` to them (--id-column, --url-column). If it is a row, \`header: false\` numbers the columns: --no-header --id-column 1 --url-column 2.`,
    );
  }

  #checkColumns(): void {
    const { job, staging, imageRows } = this.reading;
    checkColumns(staging.columns, imageRows, job.name, this.#hint());
  }

  /** A file that is a single object probably contains the records inside that object. */
  #hint(): string {
    const { job } = this.reading;
    const lists = this.#pieces === 1 && job.format === 'json' ? this.#lists : [];
    if (this.#isObjectOfRecords)
      return ' Are the records the members of the object? `records` takes them: --records .';
    if (lists.length === 0) return '';
    const names = lists.slice(0, LISTS_SHOWN).map((name) => `--records ${shellWord(name)}`);
    return ` Are the records in a list inside the object? \`records\` takes them: ${names.join(' or ')}.`;
  }

  async #takeArray(place: RowPlace, piece: JsonPiece): Promise<void> {
    const cells = this.#arrays.cellsOf(piece.text);
    if (typeof cells === 'string') {
      this.#reject(place, piece, cells);
      return;
    }
    this.#taken += 1;
    await this.#takeCells(place, cells);
  }

  async #takeObject(place: RowPlace, piece: JsonPiece): Promise<void> {
    const { key, text } = piece;
    const fields = key === undefined ? parseJsonRecord(text) : parseKeyedRecord(key, text);
    if (typeof fields === 'string') this.#reject(place, piece, fields);
    else await this.#takeFields(place, fields);
  }

  async #takeFields(place: RowPlace, fields: JsonFields): Promise<void> {
    this.#taken += 1;
    const { staging } = this.reading;
    const values: (string | null)[] = [];
    let noIds: Set<number> | null = null;
    if (this.#taken === 1) {
      this.#lists = namesOfLists(fields);
      this.#isObjectOfRecords = isObjectOfRecords(fields) && this.reading.job.format === 'json';
    } else this.#isObjectOfRecords = false;
    for (const [name, { text, isNoId }] of fields) {
      const index = staging.indexOf(name) ?? this.#addColumn(name);
      values[index] = text;
      if (isNoId) noIds = (noIds ?? new Set()).add(index);
    }
    await this.#takeCells(place, { values, noIds });
  }

  async #takeCells(place: RowPlace, { values, noIds }: ArrayCells): Promise<void> {
    const { rows, imageRows } = this.reading;
    const ids = imageRows.idColumns;
    if (values.some((value, index) => !ids.has(index) && hasLoneSurrogate(value))) {
      const problem = 'a value is not valid Unicode (half a surrogate pair)';
      rows.reject(place, 'bad_encoding', problem);
      return;
    }
    await rows.take({ ...place, values, noIds });
  }

  /** A record that is no JSON costs only itself where each line is a record. */
  #reject(place: RowPlace, { unended }: JsonPiece, problem: string): void {
    const { job, rows } = this.reading;
    const isBroken = problem.startsWith('not valid JSON');
    if (isBroken && job.format === 'json') throw this.#broken(place, problem);
    const cut = isBroken && unended ? ': the file may be cut short here' : '';
    rows.reject(place, 'bad_row', problem + cut);
  }

  #addColumn(name: string): number {
    const index = this.reading.staging.addColumn(name);
    if (index >= COLUMN_CHECK) this.#checkColumns();
    return index;
  }

  #broken({ line, record }: RowPlace, problem: string): StepError {
    return new StepError(
      'catalog_format',
      `The catalog ${this.reading.job.name}, line ${String(line)}, record ${record}: ${problem}. It may be cut short: fetch it again.`,
    );
  }
}

function namesOfLists(fields: JsonFields): readonly string[] {
  return [...fields].flatMap(([name, { text }]) => (/^\[\s*[[{]/.test(text ?? '') ? name : []));
}

function isObjectOfRecords(fields: JsonFields): boolean {
  return (
    fields.size > 1 && [...fields.values()].every(({ text }) => text?.startsWith('{') === true)
  );
}

function hasLoneSurrogate(value: string | null | undefined): boolean {
  return typeof value === 'string' && /\p{Surrogate}/u.test(value);
}
