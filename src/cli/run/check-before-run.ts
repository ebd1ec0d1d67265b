/** Looks at the catalog before anything is started, so that a wrong option costs one second. */
import { checkCatalog } from '../../catalog/inspect/inspect-catalog';
import { StepError, type StepCode } from '../../contract/errors';
import { shellWord } from '../../contract/commands/shell-word';
import { parseRunInput } from '../../input/run-input-schema';
import type { CommandContext } from '../command-context';
import { UsageError } from '../usage-error';
import type { FileToTake } from './files-to-take';
import type { RunRequest } from './run-request';

/** What the options or the file cause; other errors are those of the machine. */
const CAUSED_BY_CATALOG: ReadonlySet<StepCode> = new Set([
  'input',
  'catalog_columns',
  'catalog_empty',
  'catalog_format',
]);

/** @throws UsageError with the problem, and the command that shows what the catalog has. */
export async function checkBeforeRun(
  { config }: CommandContext,
  checked: {
    /** As the user gave them, for messages. */
    readonly catalogs: readonly string[];
    readonly files: readonly FileToTake[];
    readonly request: RunRequest;
  },
): Promise<void> {
  const { catalogs, files, request } = checked;
  const resolved = parseRunInput(request.input);
  if (!resolved.steps.includes('ingest')) return;
  const name = catalogs.join(' ');
  try {
    await checkCatalog(
      {
        files: files.map((file) => ({ file: file.source, name: file.name })),
        ...{ name, database: config.database },
      },
      resolved,
    );
  } catch (error) {
    if (!(error instanceof StepError) || !CAUSED_BY_CATALOG.has(error.code)) throw error;
    const words = catalogs.map(shellWord).join(' ');
    throw new UsageError(
      `${error.code}: ${error.message} What it has, and the command that takes it: artemis-pipeline inspect ${words}`,
    );
  }
}
