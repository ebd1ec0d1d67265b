/** Decides by the first line of a `.txt` file whether it is a list of URLs, TSV or CSV. */
import { StepError } from '../../contract/errors';
import type { ParseJob } from '../../processes/process-messages';
import { readText } from './text-window';

/** A first line is looked for in so much of the file. **Units** UTF-16 units. */
const LONGEST_FIRST_LINE = 1 << 20;

/**
 * The job with the format that the file has; a list of URLs has ids made of its URLs by default.
 *
 * **Errors** {@link StepError} `catalog_columns` when the input asks for ids in a column of a list;
 * `catalog_format`, `input`.
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
