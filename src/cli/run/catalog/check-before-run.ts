/** Looks at the catalog before anything is started, so that a wrong option costs one second. */
import { startedInspector } from '../../../catalog/inspect/inspect-ahead';
import { checkCatalog } from '../../../catalog/inspect/inspect-catalog';
import { StepError, type StepCode } from '../../../contract/errors';
import { artemisCommand } from '../../../contract/commands/printed-command';
import { fileWord } from '../../../contract/commands/shell-word';
import { refuseUnknownCollection } from '../../../files/run/known-collection';
import type { CommandContext } from '../../command-context';
import { UsageError } from '../../usage-error';
import type { AskedRun } from '../run-request';

/** Codes of errors that the options or the file cause. Other errors are caused by the machine. */
const CAUSED_BY_CATALOG: ReadonlySet<StepCode> = new Set([
  'input',
  'catalog_columns',
  'catalog_empty',
  'catalog_format',
]);

/**
 * @throws UsageError with the problem, and the command that shows what the catalog has; StepError
 *   `input` for a collection that is not there, in a run that reads no catalog.
 */
export async function checkBeforeRun(
  { config }: CommandContext,
  { options, files, input }: AskedRun,
): Promise<void> {
  refuseUnknownCollection(config.dataRoot, input);
  if (!input.steps.includes('ingest')) return;
  const name = options.catalogs.join(' ');
  try {
    await checkCatalog(
      { files, name, database: config.database, prepared: startedInspector },
      input,
    );
  } catch (error) {
    if (!(error instanceof StepError) || !CAUSED_BY_CATALOG.has(error.code)) throw error;
    const words = options.catalogs.map(fileWord).join(' ');
    throw new UsageError(
      `${error.code}: ${error.message} What it has, and the command that takes it: ${artemisCommand(`inspect ${words}`, config.dataRoot)}`,
    );
  }
}
