/** Looks at a catalog of which nothing is known, and proposes how to read it. */
import { StepError } from '../../contract/errors';
import type { CatalogFormat } from '../../contract/run-input';
import type { ParseJob } from '../../processes/process-messages';
import { splitUrls } from '../records/split-urls';
import { packingOf } from '../text/packed-bytes';
import { withTextFormat } from '../text/text-format';
import { readText } from '../text/text-window';
import { columnFacts } from './column-facts';
import { findRecordLists, type FoundList } from './find-record-lists';
import type { Inspection, InspectJob, Proposal, RecordList } from './inspection';
import { proposeShape } from './propose-shape';
import { readSample, type Sample } from './read-sample';
import type { SampleSize } from './record-sample';
import { sniffFile } from './sniff-format';
import { isAbsolute, isRelativeImage } from './url-kind';

/**
 * Catalogs up to this size are read whole, so that what is proposed is known to take everything.
 */
const SAMPLE: SampleSize = { records: 200_000, text: 64 << 20 };
/** How much of a JSON object is searched for lists of records. */
const HEAD_TEXT = 8 << 20;
const DELIMITERS: Readonly<Partial<Record<CatalogFormat, string>>> = { csv: ',', tsv: '\t' };

const ANY_URL = /https?:\\?\/\\?\//i;
const IMAGE_URL = /https?:\\?\/\\?\/[^"\s]*\.(?:jpe?g|png|gif|webp|tiff?)\b/i;

/** A cell with JSON text, which is no name. */
const JSON_OBJECT = /^\{\s*["'].*\}$/s;

/** In a header of JSON: nothing, a number, a boolean, an array or an object. */
const NO_NAME = /^(?:|-?\d[\d.eE+-]*|true|false|[[{].*)$/s;

/** @throws StepError with the reason why the catalog cannot be read. */
export async function inspectSample(
  given: Extract<InspectJob, { kind: 'inspect' }>,
): Promise<Inspection> {
  const [first] = given.files;
  if (first === undefined) throw new StepError('catalog_missing', 'There is no file.');
  const { format, encoding, guess } = await sniffFile(
    { ...first, member: given.member },
    given.format,
  );
  const job = await withTextFormat({
    name: given.name,
    files: given.files,
    database: given.database,
    member: given.member,
    // No column is asked for.
    format,
    columns: { id: [], url: [] },
    idFrom: 'url',
    delimiter: null,
    encoding: encoding ?? 'utf-8',
  });
  const lists = job.format === 'json' && job.files.length === 1 ? await listsOf(job) : [];
  const withUrls = lists.filter(({ urls }) => urls > 0);
  const named = withUrls.length > 0 ? withUrls : lists.slice(0, 1);
  const records = named[0]?.key;
  const sample = await readAsIs(records === undefined ? job : { ...job, records }, guess);
  return inspectionOf(sample, named, await packingOf(first.file));
}

/**
 * The lists of records. None where the file's own object has URLs that are in no list: the whole of
 * it is a record then.
 */
async function listsOf(job: ParseJob): Promise<readonly FoundList[]> {
  const [first] = job.files;
  if (first === undefined) return [];
  for await (const { text, complete } of readText({ ...job, file: first.file }))
    if (complete || text.length >= HEAD_TEXT) {
      const lists = findRecordLists(text);
      const isOfLists = lists.some(({ urls }) => urls > 0) || !hasUrl(text, lists);
      return isOfLists ? lists : [];
    }
  return [];
}

/**
 * Whether it has a URL that may be an image. Links to further pages of an API stand beside lists.
 */
function hasUrl(text: string, [best]: readonly FoundList[]): boolean {
  return best === undefined || best.images === 0 ? ANY_URL.test(text) : IMAGE_URL.test(text);
}

/**
 * Reads it in another encoding where it is not UTF-8, and without a header where it has none.
 *
 * @param guess the encoding of a catalog that is not UTF-8.
 */
async function readAsIs(job: ParseJob, guess: string): Promise<Sample> {
  // A Darwin Core archive names its encoding itself.
  const isEncodingOpen = job.encoding === 'utf-8' && job.format !== 'dwca';
  const sample = await readSample(job, SAMPLE).catch((error: unknown) => {
    if (!isEncodingOpen || !isBadEncoding(error)) throw error;
    return null;
  });
  if (sample === null || (isEncodingOpen && !isMostlyUtf8(sample)))
    return readAsIs({ ...job, encoding: guess }, guess);
  return job.header !== false && hasRowForHeader(sample)
    ? readAsIs({ ...job, header: false }, guess)
    : sample;
}

/**
 * Text of several bytes a character is hardly ever valid UTF-8 by chance. A few rows of another
 * encoding must not make all others unreadable; they are rejected.
 */
function isMostlyUtf8({ rows }: Sample): boolean {
  const bad = rows.rejectCodes.get('bad_encoding') ?? 0;
  if (bad === 0) return true;
  const good = rows.records.filter(({ values }) =>
    values.some((value) => /[^\0-\x7f]/.test(value ?? '')),
  );
  return good.length > bad;
}

/**
 * Whether what was read as the names of the columns is a row: it has a URL, a file or an object, or
 * an array a number.
 */
function hasRowForHeader({ job, columns, hasArrayHeader }: Sample): boolean {
  if (!hasArrayHeader && DELIMITERS[job.format] === undefined) return false;
  const isCell = (name: string): boolean =>
    isRelativeImage(name) ||
    JSON_OBJECT.test(name) ||
    splitUrls(name, undefined).some(isAbsolute) ||
    (hasArrayHeader && NO_NAME.test(name));
  return columns.columns.some(isCell);
}

function isBadEncoding(error: unknown): boolean {
  return error instanceof StepError && error.message.includes('not valid utf-8');
}

function inspectionOf(
  sample: Sample,
  lists: readonly RecordList[],
  packing: string | null,
): Inspection {
  const { job, rows, layout } = sample;
  const columns = columnFacts(sample);
  const { proposal, ...counts } = proposeShape(sample, columns);
  const { delimiter = null, quote = null, escape = null } = layout?.dialect ?? {};
  const reading = readingFields(job, { delimiter, quote });
  return {
    kind: 'inspect',
    format: job.format,
    encoding: job.encoding,
    packing,
    delimiter,
    quote,
    escape,
    titleRows: layout?.titleRows ?? 0,
    hasHeader: job.header !== false && layout !== null,
    records: rows.records.length,
    isWhole: sample.isWhole,
    rejected: rows.rejected,
    firstProblem: rows.firstProblem,
    columns: [...columns],
    references: rows.references,
    lists: lists.map(({ key, records }) => ({ key, records })),
    proposal: proposal === null ? null : { ...proposal, ...reading },
    ...counts,
  };
}

/** What a run must know to read the file as the inspection did. */
function readingFields(
  job: ParseJob,
  { delimiter, quote }: { readonly delimiter: string | null; readonly quote: string | null },
): Partial<Proposal> {
  const { header, records, encoding, format } = job;
  return {
    ...(header === false ? { header } : {}),
    ...(records === undefined ? {} : { records }),
    ...(encoding === 'utf-8' ? {} : { encoding }),
    ...(delimiter === null || delimiter === DELIMITERS[format] ? {} : { delimiter }),
    ...(quote === null || quote === '"' ? {} : { quote }),
  };
}
