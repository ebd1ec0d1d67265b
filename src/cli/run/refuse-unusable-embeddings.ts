/** Reads the model of embeddings before a run that executes it, and before anything is started. */
import type { ResolvedInput } from '../../contract/run-input';
import { readModelFile } from '../../embeddings/model-file';
import type { CommandContext } from '../command-context';

/**
 * Only where this command has the setting: workers of other machines may have it. The first
 * activity of the run loads the model (src/activities/open-run.ts).
 *
 * @throws StepError `input` that says which file or package is missing, or what is wrong in the
 *   settings.
 */
export function refuseUnusableEmbeddings(
  { config }: CommandContext,
  { steps }: ResolvedInput,
): void {
  if (steps.includes('embeddings') && config.embeddingModel !== null)
    readModelFile(config.embeddingModel);
}
