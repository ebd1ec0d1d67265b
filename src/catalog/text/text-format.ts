/** Decides from the first line of a `.txt` file whether it is a list of URLs, TSV or CSV. */
import { StepError } from '../../contract/errors';
import type { ParseJob } from '../../processes/process-messages';
import { readText } from './text-window';

/** The part of the file in which the first line must end, in UTF-16 code units. */
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
  const line = await firstLine(job);
  if (line.includes('\t')) return { ...job, format: 'tsv' };
  if (!/^(?:https?:)?\/\//i.test(line)) return { ...job, format: 'csv' };
  if (job.idFrom === undefined && job.columns.id !== 'id')
    throw new StepError(
      'catalog_columns',
      `The catalog ${job.name} is a list of URLs, one a line: it has no column ${JSON.stringify(job.columns.id)}. Leave \`columns.id\` (--id-column) out, and the ids are made of the URLs.`,
    );
  return { ...job, format: 'urls', idFrom: job.idFrom ?? 'url' };
}

async function firstLine(job: ParseJob): Promise<string> {
  let start = '';
  const [first] = job.files;
  if (first === undefined) return start;
  for await (const { text } of readText({ ...job, file: first.file })) {
    start = text.trimStart();
    if (/[\r\n]/.test(start) || text.length > LONGEST_FIRST_LINE) break;
  }
  return start.split(/[\r\n]/, 1)[0] ?? '';
}
