/**
 * The step `download`: a child workflow of its own, so that the run's timeline remains the list of
 * its steps.
 */
import type { DownloadImagesInput } from '../../contract/download-workflow';
import { downloadWorkflowId } from '../../contract/operator';
import { downloadImages } from '../download/download-images';
import { bindModels } from './bind-models';
import { runChild } from './run-child';
import type { RunContext } from './run-context';

/** @throws `model_failed` before anything is downloaded; the child's failure. */
export async function downloadStep(context: RunContext): Promise<void> {
  await bindModels(context, { notYet: 'nothing has been downloaded yet', materialise: false });
  const { tracker, warehouseId, runId, workflowId, startedAt, input, tuning, place } = context;
  const steering = context.decisions.steering();
  const argument: DownloadImagesInput = {
    warehouseId,
    runId,
    workflowId,
    startedAt,
    input,
    tuning,
    ...(place === undefined ? {} : { place }),
    steering,
    sequence: tracker.nextSequence(),
    cursor: null,
  };
  tracker.download = await runChild(context, {
    name: 'download',
    workflow: downloadImages,
    workflowId: downloadWorkflowId(workflowId),
    argument,
  });
}
