/** Decides by the first line whether a `.txt` file is a list of URLs, NDJSON, TSV or CSV. */
import { StepError } from '../../contract/errors';
import type { ParseJob } from '../../processes/process-messages';
import { jsonOfCell } from '../json/python-literal';
import { readText } from './text-window';

/** The part of the file in which the first line that is no comment must end, in UTF-16 units. */
const LONGEST_FIRST_LINE = 1 << 20;

/**
 * Returns the job with the format of the file. Ids of a list of URLs are made from the URLs by
 * default.
 *
 * @throws {@link StepError} `catalog_columns` if the input names an id column for a list, which has
 * none; `catalog_format` or `input`.
 */
export async function withTextFormat(job: ParseJob): Promise<ParseJob> {
  if (job.format !== 'txt') return job;
  const [line, lineBelowComments] = await firstLines(job);
  if (isJsonObject(line)) return { ...job, format: 'ndjson' };
  if (line.includes('\t')) return { ...job, format: 'tsv' };
  if (!isUrl(line) && !isUrl(lineBelowComments)) return { ...job, format: 'csv' };
  if (job.idFrom === undefined && job.columns.id !== 'id')
    throw new StepError(
      'catalog_columns',
      `The catalog ${job.name} is a list of URLs, one a line: it has no column ${JSON.stringify(job.columns.id)}. Leave \`columns.id\` (--id-column) out, and the ids are made of the URLs.`,
    );
  return { ...job, format: 'urls', idFrom: job.idFrom ?? 'url' };
}

/** Some dumps of NDJSON are named `.txt`. */
function isJsonObject(line: string): boolean {
  // The first cell of CSV may begin with a brace, too.
  return line.startsWith('{') && jsonOfCell(line) !== null;
}

function isUrl(line: string): boolean {
  return /^(?:https?:)?\/\//i.test(line) && !line.includes('\t');
}

/** Lines that a list of URLs has for people. */
const COMMENT = '#';

/** Whether a line of a list of URLs is a comment. */
export function isComment(line: string): boolean {
  return line.trimStart().startsWith(COMMENT);
}

/** The first line that is not blank, and the first one that is no comment either. */
async function firstLines(job: ParseJob): Promise<readonly [first: string, below: string]> {
  let lines: readonly string[] = [];
  const [first] = job.files;
  if (first === undefined) return ['', ''];
  for await (const { text, complete } of readText({ ...job, file: first.file })) {
    lines = text.split(/[\r\n]+/).filter((line) => line.trim() !== '');
    const isWhole = lines.slice(0, -1).some((line) => !isComment(line));
    if (isWhole || complete || text.length > LONGEST_FIRST_LINE) break;
  }
  const [line = ''] = lines;
  return [line.trimStart(), lines.find((one) => !isComment(one))?.trimStart() ?? ''];
}
