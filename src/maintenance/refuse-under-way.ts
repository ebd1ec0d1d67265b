/** Keeps maintenance, which moves and deletes files, from running beside a run. */
import { StepError } from '../contract/errors';
import { statusCommand } from '../contract/commands/printed-command';
import { runsUnderWay } from '../files/run/runs-under-way';

/**
 * Throws while a run is under way. Between a file's final name and its ledger line nothing names
 * the file, and damaged files may be stored again at any time.
 *
 * @param undone what was not done, as the beginning of a sentence.
 * @throws StepError `input`, which names the run.
 */
export async function refuseUnderWay(dataRoot: string, undone: string): Promise<void> {
  const [run] = await runsUnderWay(dataRoot);
  if (run === undefined) return;
  throw new StepError(
    'input',
    `${undone}: the run ${run.workflowId} (${run.runId}) is ${run.state}, and files that it has just stored are not named yet. Wait for its end (${statusCommand(run.workflowId, dataRoot)}), or cancel it. A run that no worker processes counts as cut off after five minutes.`,
  );
}
