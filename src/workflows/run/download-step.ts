/**
 * The step `download`: a child workflow of its own, so that the run's timeline remains the list of
 * its steps.
 */
import {
  CancellationScope,
  ParentClosePolicy,
  WorkflowIdReusePolicy,
  defineSignal,
  getExternalWorkflowHandle,
  startChild,
} from '@temporalio/workflow';
import type {
  DownloadImagesInput,
  DownloadProgress,
  DownloadSteering,
} from '../../contract/download-workflow';
import { SIGNAL_STEER_DOWNLOADS, downloadWorkflowId } from '../../contract/operator';
import { staticDetails, staticSummary } from '../../contract/static-details';
import { downloadImages } from '../download/download-images';
import type { RunContext } from './run-context';

const steerSignal = defineSignal<[DownloadSteering]>(SIGNAL_STEER_DOWNLOADS);

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
  const scope = CancellationScope.current();
  // The run may have been aborted in the very workflow task that would start the child, because a
  // reset applies earlier updates again.
  if (scope.consideredCancelled) await scope.cancelRequested;
  // The child must not be cancelled by its parent's scope. A parent's own cancel request names the
  // child's first run, and never reaches a child that has continued as new
  // (temporalio/features#503). cancelChildWith cancels it by its id alone.
  tracker.download = await CancellationScope.nonCancellable(() =>
    runChild(scope, context, argument),
  );
}

async function runChild(
  scope: CancellationScope,
  { decisions, workflowId }: RunContext,
  argument: DownloadImagesInput,
): Promise<DownloadProgress> {
  const childId = downloadWorkflowId(workflowId);
  const child = await startChild(downloadImages, {
    workflowId: childId,
    args: [argument],
    // A reset parent replaces its old child, and the child of a terminated parent still flushes.
    // Temporal's newer conflict policy does not exist for children.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    workflowIdReusePolicy: WorkflowIdReusePolicy.TERMINATE_IF_RUNNING,
    parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    staticSummary: `download: ${staticSummary(argument.input)}`,
    staticDetails: staticDetails(argument.input),
  });
  // Only after the start: the server refuses a task that both starts and cancels a workflow, and
  // the task would be retried for ever.
  cancelChildWith(scope, childId);
  const sent = argument.steering;
  const reportToDisk = decisions.onSteer;
  decisions.onSteer = () => {
    sendSteering(childId, decisions.steering());
  };
  if (decisions.isPaused !== sent.isPaused || decisions.hosts !== sent.hosts) decisions.onSteer();
  try {
    return await child.result();
  } finally {
    decisions.onSteer = reportToDisk;
  }
}

function cancelChildWith(scope: CancellationScope, childId: string): void {
  scope.cancelRequested
    .catch(() =>
      CancellationScope.nonCancellable(() => getExternalWorkflowHandle(childId).cancel()),
    )
    // The child has ended meanwhile, so there is nothing to cancel.
    .catch(() => undefined);
}

function sendSteering(childId: string, steering: DownloadSteering): void {
  CancellationScope.nonCancellable(() =>
    getExternalWorkflowHandle(childId).signal(steerSignal, steering),
  )
    // The child has ended meanwhile, so there is nothing to steer.
    .catch(() => undefined);
}
