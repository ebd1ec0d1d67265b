/** download: a child workflow of its own, so that the run's timeline stays the list of its steps. */
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
} from '../../contract/download';
import { SIGNAL_STEER_DOWNLOADS, downloadWorkflowId } from '../../contract/operator';
import { staticDetails, staticSummary } from '../../contract/run-words';
import { downloadImages } from '../download/download-images';
import type { RunContext } from './run-context';

const steerSignal = defineSignal<[DownloadSteering]>(SIGNAL_STEER_DOWNLOADS);

export async function downloadStep(context: RunContext): Promise<void> {
  const { tracker, warehouseId, runId, workflowId, startedAt, input, tuning } = context;
  const steering = context.decisions.steering();
  const argument: DownloadImagesInput = {
    ...{ warehouseId, runId, workflowId, startedAt, input, tuning, steering },
    sequence: tracker.nextSequence(),
    cursor: null,
  };
  const ours = CancellationScope.current();
  // Aborted in the very task that would start it: a reset applies former updates again.
  if (ours.consideredCancelled) await ours.cancelRequested;
  // Not cancellable itself: a parent's own cancel request names the child's first run and never reaches one that has
  // continued as new (temporalio/features#503). cancelWith does it, by id alone.
  tracker.download = await CancellationScope.nonCancellable(() =>
    runChild(ours, context, argument),
  );
}

async function runChild(
  ours: CancellationScope,
  { decisions, workflowId }: RunContext,
  argument: DownloadImagesInput,
): Promise<DownloadProgress> {
  const childId = downloadWorkflowId(workflowId);
  const child = await startChild(downloadImages, {
    workflowId: childId,
    args: [argument],
    // A reset parent replaces its old child; the child of a terminated parent still flushes.
    // Its successor, a conflict policy, does not exist for children.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    workflowIdReusePolicy: WorkflowIdReusePolicy.TERMINATE_IF_RUNNING,
    parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    staticSummary: `download: ${staticSummary(argument.input)}`,
    staticDetails: staticDetails(argument.input),
  });
  // Only now: the server refuses a task that starts a workflow and cancels it, and it would be tried for ever.
  cancelWith(ours, childId);
  const known = argument.steering;
  const tellDisk = decisions.onSteer;
  decisions.onSteer = () => {
    steer(childId, decisions.steering());
  };
  if (decisions.isPaused !== known.isPaused || decisions.hosts !== known.hosts) decisions.onSteer();
  try {
    return await child.result();
  } finally {
    decisions.onSteer = tellDisk;
  }
}

function cancelWith(scope: CancellationScope, childId: string): void {
  scope.cancelRequested
    .catch(() =>
      CancellationScope.nonCancellable(() => getExternalWorkflowHandle(childId).cancel()),
    )
    // The child has ended meanwhile: there is nobody to cancel.
    .catch(() => undefined);
}

function steer(childId: string, steering: DownloadSteering): void {
  CancellationScope.nonCancellable(() =>
    getExternalWorkflowHandle(childId).signal(steerSignal, steering),
  )
    // The child has ended meanwhile: there is nobody to steer.
    .catch(() => undefined);
}
