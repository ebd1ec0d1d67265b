/**
 * Binds the models of a run that builds them before its first long step. The columns of the catalog
 * are known then, and a mistake is found before hours of downloads.
 */
import { patched } from '@temporalio/workflow';
import type { PublishSnapshotInput } from '../../contract/payloads';
import { planActivities, warehouseActivities } from '../activity-proxies';
import { awaitWithDiagnosis } from '../obstacles/await-with-diagnosis';
import { modelMistake } from './model-failed';
import type { RunContext } from './run-context';

/** Runs of older builds find mistakes in the step `aggregates` only. */
const BOUND_BEFORE_LONG_STEPS = 'models are bound before long steps';

/** What is said of a step, and how its child publishes the snapshot that planning reads. */
interface LongStep extends Pick<PublishSnapshotInput, 'materialise' | 'collection'> {
  readonly notYet: string;
}

/**
 * Does nothing in a run without the step `aggregates`, and after the models have been bound once.
 *
 * @param step with what has not happened yet, for the message.
 * @throws `model_failed` with the place of the first mistake.
 */
export async function bindModels(context: RunContext, step: LongStep): Promise<void> {
  const { warehouseId, runId, input, decisions, tracker } = context;
  if (tracker.areModelsBound) return;
  if (!input.steps.includes('aggregates') || decisions.skipped.has('aggregates')) return;
  if (!patched(BOUND_BEFORE_LONG_STEPS)) return;
  await publishColumns(context, step);
  const bind = { queue: 'plan', activity: 'bindModels' } as const;
  const { mistake, mistakes } = await awaitWithDiagnosis(context, bind, () =>
    planActivities().bindModels.executeWithOptions(
      { activityId: 'models.bind', summary: 'bind the models to the columns of the catalog' },
      [{ warehouseId, runId }],
    ),
  );
  if (mistake !== null) {
    const others = mistakes > 1 ? `Files with mistakes: ${mistakes}. ` : '';
    throw modelMistake(
      mistake,
      `${others}Correct the file, then retry the step: ${step.notYet}. To go on without models, skip the step aggregates, then retry this one.`,
    );
  }
  tracker.areModelsBound = true;
}

/** The same publication as that of the step's child, which then has nothing to do. */
async function publishColumns(
  context: RunContext,
  { materialise, collection }: LongStep,
): Promise<void> {
  const { warehouseId } = context;
  const awaited = { queue: 'warehouse', activity: 'publishSnapshot' } as const;
  await awaitWithDiagnosis(context, awaited, () =>
    warehouseActivities().publishSnapshot.executeWithOptions(
      { summary: 'publish the columns of the catalog for the models' },
      [{ warehouseId, record: null, materialise, collection }],
    ),
  );
}
