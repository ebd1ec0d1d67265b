/** Refuses the input of a run that no corrected file would make right, before the run begins. */
import type { DatabaseConfig } from '../../config';
import { StepError } from '../../contract/errors';
import type { ResolvedInput } from '../../contract/run-input';
import type { PreparedProcesses } from '../../processes/prepared-processes';
import { ColumnsNotFound } from '../catalog-columns';
import { catalogFiles, type CatalogFile } from '../catalog-files';
import { checkCatalog } from './inspect-catalog';
import { isLookedAt } from './looked-at';

/**
 * Looks at the beginning of the catalog. What a corrected file can make right is left to the step
 * that reads it, which parks the run.
 *
 * @throws StepError `input` when the catalog lacks a column that is asked for, none of its URLs has
 *   a scheme, all have another one than http and https, or the input cannot be used with it
 *   otherwise.
 */
export async function refuseUnusableInput(options: {
  readonly dataRoot: string;
  readonly input: ResolvedInput;
  readonly database: DatabaseConfig;
  readonly prepared?: PreparedProcesses;
}): Promise<void> {
  const { dataRoot, input, ...others } = options;
  if (!input.steps.includes('ingest')) return;
  try {
    if (await isLookedAt(dataRoot, input)) return;
    const files: readonly CatalogFile[] = await catalogFiles(dataRoot, input.catalog, input.format);
    await checkCatalog({ files, name: input.catalog, ...others }, input);
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    if (error.code === 'input' || error instanceof ColumnsNotFound)
      throw new StepError('input', `${error.message} Start again with the input corrected.`, {
        cause: error,
      });
  }
}
