/** Which format a catalog has, where its name does not tell. */
import { StepError } from '../../contract/errors';
import type { CatalogFormat } from '../../contract/run-input';
import { formatByExtension } from '../../contract/catalog/catalog-format';
import { isDarwinCore } from '../darwin-core/archive-files';
import { skipBlank, valueEnd } from '../json/json-splitter';
import type { PackedFile } from '../text/packed-file';
import { encodingByMark } from '../text/text-window';
import { guessEncoding } from './guess-encoding';
import { readBytes } from '../text/catalog-bytes';
import { refuseForeign } from '../text/foreign-format';

/** How much of the file is looked at. */
const HEAD_BYTES = 1 << 20;

/** The context of linked data is looked for in so much of the text. In UTF-16 units. */
const CONTEXT_LENGTH = 64 << 10;

export interface SniffedFile {
  readonly format: CatalogFormat;
  /** The encoding that the first bytes show; null when they show none. */
  readonly encoding: string | null;
  /** The encoding that is tried if the catalog is not UTF-8. */
  readonly guess: string;
}

/**
 * Parquet is recognised by its content, everything else by the name first: JSON behind `.csv` is
 * rarer than CSV whose first cell begins with a brace. Only the content shows that JSON is IIIF.
 *
 * @throws StepError `catalog_format` when the file cannot be unpacked, or is empty.
 */
export async function sniffFile(
  source: PackedFile,
  given: CatalogFormat | null,
): Promise<SniffedFile> {
  const { file, name, member } = source;
  if (
    (given === null && member === undefined && (await isDarwinCore(file, name))) ||
    given === 'dwca'
  )
    return { format: 'dwca', encoding: null, guess: 'utf-8' };
  const head = await headOf(source);
  if (head.length === 0) throw new StepError('catalog_empty', `The catalog ${name} is empty.`);
  const isParquet = head.toString('latin1', 0, 4) === 'PAR1';
  if (!isParquet) refuseForeign(head, name);
  const encoding = wideEncoding(head);
  const guess = isParquet ? 'utf-8' : guessEncoding(head);
  if (given !== null) return { format: given, encoding, guess };
  if (isParquet) return { format: 'parquet', encoding, guess };
  const named = formatByExtension(member ?? name);
  const text = new TextDecoder(encoding ?? 'utf-8').decode(head).replace(/^\uFEFF/, '');
  const format = named === null || isOpen(named, text) ? formatOfText(text) : named;
  const isJson = format === 'json' || format === 'ndjson';
  return { format: isJson && isIiif(text) ? 'iiif' : format, encoding, guess };
}

/**
 * Whether the content decides. A record of NDJSON that goes on into a second line is JSON, and one
 * that Python printed ends with its line.
 */
function isOpen(named: CatalogFormat, text: string): boolean {
  if (named === 'json') return PYTHON_RECORD.test(text);
  if (named !== 'ndjson') return named === 'parquet';
  const start = skipBlank(text, 0);
  const end = valueEnd(text, start, { isComplete: false });
  return (
    '{['.includes(text[start] ?? ' ') && text.slice(start, end < 0 ? undefined : end).includes('\n')
  );
}

async function headOf(source: PackedFile): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of readBytes(source)) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= HEAD_BYTES) break;
  }
  return Buffer.concat(chunks);
}

/** UTF-16 without a byte order mark is recognised by the zeros of its first two characters. */
function wideEncoding(head: Buffer): string | null {
  if (encodingByMark(head) !== null) return null;
  const zeros = [...head.subarray(0, 4)].map((byte) => byte === 0).join();
  if (zeros === 'false,true,false,true') return 'utf-16le';
  return zeros === 'true,false,true,false' ? 'utf-16be' : null;
}

/** Whether JSON is of the IIIF Presentation API: its context comes first. */
function isIiif(text: string): boolean {
  return /"@context"\s*:\s*(?:\[[^\]]*)?"https?:\/\/iiif\.io\/api\/presentation\/[23]/.test(
    text.slice(0, CONTEXT_LENGTH),
  );
}

/** Its apostrophes may enclose quotes and brackets, so that only a line end shows where it ends. */
const PYTHON_RECORD = /^\s*\{\s*[uU]?'/;

function formatOfText(text: string): CatalogFormat {
  if (PYTHON_RECORD.test(text)) return 'ndjson';
  const start = skipBlank(text, 0);
  if (text[start] !== '{' && text[start] !== '[') return 'txt';
  const end = valueEnd(text, start, { isComplete: false });
  const isOneALine = end > 0 && !text.slice(start, end).includes('\n');
  return isOneALine && /^[ \t\r]*\n\s*[{[]/.test(text.slice(end, end + 1_000)) ? 'ndjson' : 'json';
}
