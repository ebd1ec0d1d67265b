/** JSON and NDJSON records into the staging. Their columns are known only when all have been read. */
import { StepError } from '../../contract/errors';
import { checkColumns } from '../catalog-columns';
import type { CatalogRows, RowPlace } from '../catalog-rows';
import type { CatalogStaging } from '../catalog-staging';
import type { ParseJob } from '../../processes/process-messages';
import { parseJsonRecord } from './json-record';
import type { JsonFields } from './json-record';
import { JsonSplitter, NdjsonSplitter } from './json-splitter';
import type { JsonPiece } from './json-splitter';
import { readText } from '../text/text-window';

/** Far more columns than any listing has: names made up row by row must not fill the memory. */
const COLUMN_CHECK = 2_000;

/** **Errors** {@link StepError} `catalog_columns`, `catalog_format`, `input`. */
export async function readJsonCatalog(
  job: ParseJob,
  staging: CatalogStaging,
  rows: CatalogRows,
): Promise<void> {
  const splitter =
    job.format === 'json' ? new JsonSplitter(job.name) : new NdjsonSplitter(job.name);
  const taker = new JsonTaker(job, staging, rows);
  for await (const window of readText({ ...job, file: job.catalog })) {
    for (const piece of splitter.read(window)) await taker.take(piece);
  }
  taker.finish();
}

class JsonTaker {
  readonly #index = new Map<string, number>();
  #objects = 0;

  constructor(
    private readonly job: ParseJob,
    private readonly staging: CatalogStaging,
    private readonly rows: CatalogRows,
  ) {}

  async take(piece: JsonPiece): Promise<void> {
    const place = this.rows.next(piece.line);
    if (piece.badEncoding) {
      const problem = `not valid ${this.job.encoding}; set \`encoding\` if it is another`;
      this.rows.reject(place, 'bad_encoding', problem);
      return;
    }
    const fields = parseJsonRecord(piece.text);
    if (typeof fields !== 'string') await this.#takeFields(place, fields);
    else if (isBroken(piece, fields, this.job)) throw this.#broken(place, fields);
    else this.rows.reject(place, 'bad_row', fields);
  }

  /** The columns are checked when all names are known. */
  finish(): void {
    if (this.rows.count === 0) return;
    if (this.#objects === 0) {
      const first = this.rows.firstProblem ?? 'no record is an object';
      throw new StepError(
        'catalog_format',
        `The catalog ${this.job.name} holds no JSON object as ${this.job.format} has it. ${first}. Set \`format\`: \`json\` is one array, \`ndjson\` one object a line.`,
      );
    }
    checkColumns(this.staging.columns, this.job.columns, this.job.name);
  }

  async #takeFields(place: RowPlace, fields: JsonFields): Promise<void> {
    this.#objects += 1;
    const values = this.#valuesOf(fields);
    const id = fields.get(this.job.columns.id);
    const url = fields.get(this.job.columns.url)?.text ?? null;
    const idText = id?.text ?? null;
    if (values.some((value) => value !== idText && hasLoneSurrogate(value))) {
      this.rows.reject(
        place,
        'bad_encoding',
        'a value is not valid Unicode (half a surrogate pair)',
      );
      return;
    }
    await this.rows.take({ ...place, id: idText, isNoId: id?.isNoId ?? false, url, values });
  }

  #valuesOf(fields: JsonFields): (string | null)[] {
    const values: (string | null)[] = [];
    for (const [name, { text }] of fields) {
      const known = this.#index.get(name);
      values[known ?? this.#addColumn(name)] = text;
    }
    return values;
  }

  #addColumn(name: string): number {
    const index = this.staging.addColumn(name);
    this.#index.set(name, index);
    if (index >= COLUMN_CHECK) checkColumns(this.staging.columns, this.job.columns, this.job.name);
    return index;
  }

  #broken({ line, record }: RowPlace, problem: string): StepError {
    return new StepError(
      'catalog_format',
      `The catalog ${this.job.name}, line ${String(line)}, record ${record}: ${problem}. It may be cut short: fetch it again.`,
    );
  }
}

/** In NDJSON one bad line leaves the others whole, but for the last when it has no end: the file is cut short. */
function isBroken(piece: JsonPiece, problem: string, job: ParseJob): boolean {
  return problem.startsWith('not valid JSON') && (job.format === 'json' || piece.unended);
}

function hasLoneSurrogate(value: string | null | undefined): boolean {
  return typeof value === 'string' && /\p{Surrogate}/u.test(value);
}
