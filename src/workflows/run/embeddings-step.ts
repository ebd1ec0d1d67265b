/**
 * The step `embeddings`: the numbers of a user's model for every stored file. The snapshot is
 * published first, so that they contain this run's own images, and again with the table.
 */
import { ApplicationFailure, condition, patched } from '@temporalio/workflow';
import type {
  ComputeEmbeddingsInput,
  ComputeEmbeddingsResult,
} from '../../contract/embeddings/embedding';
import type { StepCode } from '../../contract/errors';
import { planActivities } from '../activity-proxies';
import { awaitWithDiagnosis } from '../obstacles/await-with-diagnosis';
import { reportProgress } from '../reporting/report-progress';
import { publishForStep } from './publish-for-step';
import type { RunContext } from './run-context';

/** A paused run of an older build computed all stretches. */
const HELD_BETWEEN_STRETCHES = 'a paused run holds between stretches of embeddings';

/**
 * @throws `embeddings_failed` when the worker has another model, or the table was not published.
 */
export async function embeddingsStep(context: RunContext): Promise<void> {
  const { warehouseId, runId, tracker, tuning, embeddingModel } = context;
  // Only the first activity of a run without the step returns no model.
  if (embeddingModel === undefined) throw failure('the run was opened without a model');
  const { name: model, version } = embeddingModel;
  await publishForStep(context, 'embeddings: publish what is computed', []);
  const compute = { queue: 'plan', activity: 'computeEmbeddings' } as const;
  for (let after: string | null = null; ;) {
    const input: ComputeEmbeddingsInput = {
      warehouseId,
      runId,
      version,
      after,
      timeBoxSeconds: tuning.batchSeconds,
    };
    const stretch: ComputeEmbeddingsResult = await awaitWithDiagnosis(context, compute, () =>
      planActivities().computeEmbeddings.executeWithOptions(
        { summary: `embeddings: execute the model ${model}` },
        [input],
      ),
    );
    tracker.computedEmbeddings += stretch.computed;
    const computed = tracker.computedEmbeddings;
    after = stretch.next;
    if (stretch.whole === null) {
      const detail = `${computed} files computed, ${stretch.left} left`;
      tracker.recordStepState('embeddings', 'running', { code: null, detail });
      await reportProgress(context);
      await waitWhilePaused(context);
      continue;
    }
    const { derived, files, failed } = stretch.whole;
    tracker.embeddings = { model, files, computed, failed };
    // Null where the snapshot that was just published has the table already.
    if (derived === null) return;
    const problem = await publishForStep(context, 'embeddings: publish the table', [derived]);
    if (problem !== null) throw failure(`${problem}. Retry the step, which makes the table again`);
    return;
  }
}

async function waitWhilePaused({ decisions }: RunContext): Promise<void> {
  if (decisions.isPaused && patched(HELD_BETWEEN_STRETCHES))
    await condition(() => !decisions.isPaused);
}

function failure(detail: string): ApplicationFailure {
  const code: StepCode = 'embeddings_failed';
  return ApplicationFailure.nonRetryable(`${detail}.`, code);
}
