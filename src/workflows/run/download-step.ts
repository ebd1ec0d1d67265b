/**
 * The step `download`: a child workflow of its own, so that the run's timeline remains the list of
 * its steps.
 */
import type { DownloadImagesInput } from '../../contract/download-workflow';
import { downloadWorkflowId } from '../../contract/operator';
import { downloadImages } from '../download/download-images';
import { runChild } from './run-child';
import type { RunContext } from './run-context';

export async function downloadStep(context: RunContext): Promise<void> {
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
