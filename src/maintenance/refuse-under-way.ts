/** Upkeep moves and deletes files: no run may be at work meanwhile. */
import { StepError } from '../contract/errors';
import { shellWord } from '../contract/shell-word';
import { runsUnderWay } from '../files/run/runs-under-way';

/**
 * Between a file's final name and its ledger line nothing names it, and what is damaged may be stored anew: nobody may be there.
 *
 * **Shape** `undone`: what was not done, as a sentence's beginning. **Errors** StepError `input` naming the run.
 */
export async function refuseUnderWay(dataRoot: string, undone: string): Promise<void> {
  const [run] = await runsUnderWay(dataRoot);
  if (run === undefined) return;
  throw new StepError(
    'input',
    `${undone}: the run ${run.workflowId} (${run.runId}) is ${run.state}, and files that it has just stored are not named yet. Wait for its end (artemis-pipeline status ${shellWord(run.workflowId)}), or cancel it; one that nobody works on is taken for cut off after five minutes.`,
  );
}
