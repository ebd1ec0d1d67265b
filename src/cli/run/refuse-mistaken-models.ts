/**
 * Reads the models before a run that builds them, so that a mistake is found before the download.
 */
import type { ResolvedInput } from '../../contract/run-input';
import { artemisCommand } from '../../contract/commands/printed-command';
import { checkModelNames } from '../../models/build-models';
import { readModelFiles } from '../../models/read-model-files';
import type { CommandContext } from '../command-context';
import { mistakesIn } from '../models-text';
import { UsageError } from '../usage-error';

/**
 * Checks the syntax of the files and the tables that they name. The run checks their columns
 * (src/workflows/run/bind-models.ts), because those of the catalog are known after ingest.
 *
 * @throws UsageError with each mistake and its place.
 */
export async function refuseMistakenModels(
  { config }: CommandContext,
  { steps }: ResolvedInput,
): Promise<void> {
  if (!steps.includes('aggregates')) return;
  const { dataRoot, database } = config;
  const files = readModelFiles(dataRoot);
  const mistakes = mistakesIn(await checkModelNames({ files, database, only: null }));
  if (mistakes.length === 0) return;
  throw new UsageError(
    `models have mistakes:\n${mistakes.join('\n')}\nCorrect them; ${artemisCommand('models check', dataRoot)} shows whether that worked`,
  );
}
