/**
 * Inspects a catalog in a locked-down child process: for the command `inspect`, and for the check
 * of a run's input before the run begins.
 */
import type { z } from 'zod';
import type { DatabaseConfig } from '../../config';
import { StepError } from '../../contract/errors';
import { BASE_TO_FILL_IN } from '../../contract/catalog/url-template';
import type { CatalogFormat, ResolvedInput } from '../../contract/run-input';
import { parseJob, type ParseJob } from '../../processes/process-messages';
import type { PreparedProcesses } from '../../processes/prepared-processes';
import { runProcess } from '../../processes/run-process';
import { withSystemScratchFolder } from '../../processes/scratch-folder';
import { ColumnsNotFound } from '../catalog-columns';
import type { CatalogFile } from '../catalog-files';
import { catalogCheck, inspection, type InspectJob, type Inspection } from './inspection';

export interface InspectOptions {
  readonly files: readonly CatalogFile[];
  /** As the user gave it, for messages. */
  readonly name: string;
  /** The file inside a zip archive. */
  readonly member?: string;
  readonly database: Pick<DatabaseConfig, 'memory' | 'threads'>;
  readonly prepared?: PreparedProcesses;
}

/**
 * Looks at the files of one catalog.
 *
 * @param format null: the names and the content decide.
 * @throws StepError with the reason why the catalog cannot be read.
 */
export function inspectCatalog(
  options: InspectOptions,
  format: CatalogFormat | null,
): Promise<Inspection> {
  return inChild(
    { kind: 'inspect', format, member: options.member, ...jobFields(options) },
    inspection,
    options,
  );
}

/**
 * If the first URLs of a catalog, at least this many, cannot be requested, the run is refused. A
 * catalog that was read to its end may have fewer.
 */
const ENOUGH_URLS = 100;

/**
 * Checks the input of a run against the beginning of its catalog.
 *
 * @throws StepError that the run would end with: {@link ColumnsNotFound}, or `input` when no URL
 *   has a scheme, or all have another one than http and https.
 */
export async function checkCatalog(options: InspectOptions, input: ResolvedInput): Promise<void> {
  const shape = parseJob.omit({ name: true, files: true, database: true }).parse(input);
  const job: ParseJob = { ...shape, ...jobFields(options) };
  const found = await inChild({ kind: 'check', ...job }, catalogCheck, options);
  if (found.kind === 'columnsNotFound') throw new ColumnsNotFound(found.message);
  const { urls, withoutScheme, otherScheme, isWhole, example } = found;
  if (urls === 0 || withoutScheme + otherScheme < urls || (!isWhole && urls < ENOUGH_URLS)) return;
  if (otherScheme === urls)
    throw new StepError(
      'input',
      `None of the URLs that the catalog ${options.name} begins with is an http or https URL, and no others are requested; the first is ${JSON.stringify(example)}. Write such URLs of the same files into the catalog. Is it another column? \`columns.url\` (--url-column) names it.`,
    );
  throw new StepError(
    'input',
    `None of the URLs that the catalog ${options.name} begins with has a scheme; the first is ${JSON.stringify(example)}. Are they parts of URLs? \`baseUrl\` (--base-url ${BASE_TO_FILL_IN}, with the host and path filled in) is put before them, \`urlTemplate\` (--url-template) makes URLs of columns. Is it another column? \`columns.url\` (--url-column) names it.`,
  );
}

function jobFields({
  name,
  files,
  database: { memory, threads },
}: InspectOptions): Pick<ParseJob, 'name' | 'files' | 'database'> {
  return { name, files: [...files], database: { memory, threads } };
}

/**
 * The scratch folder is in the temporary folder of the system, because an inspection neither needs
 * nor creates a data root. The child starts before this function returns, and works while the
 * caller loads modules.
 */
async function inChild<T>(
  job: InspectJob,
  result: z.ZodType<T>,
  { name, prepared }: InspectOptions,
): Promise<T> {
  return withSystemScratchFolder('artemis-inspect', (scratch) =>
    runProcess({
      script: 'catalog/inspect/inspect-child.js',
      scratch,
      job,
      result,
      prepared,
      crash: 'catalog_format',
      task: `Inspecting the catalog ${name}`,
    }),
  );
}
