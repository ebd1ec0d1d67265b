/** download: a child workflow of its own, so that the run's timeline stays the list of its steps. */
import {
  CancellationScope,
  ParentClosePolicy,
  WorkflowIdReusePolicy,
  defineSignal,
  getExternalWorkflowHandle,
  startChild,
} from '@temporalio/workflow';
import {
  PROGRESS_SEQUENCE_STRIDE,
  type DownloadImagesInput,
  type DownloadProgress,
  type DownloadSteering,
} from '../contract/download';
import { SIGNAL_STEER_DOWNLOADS, downloadWorkflowId } from '../contract/operator';
import { downloadImages } from './download-images';
import type { RunContext } from './run-context';

const steerSignal = defineSignal<[DownloadSteering]>(SIGNAL_STEER_DOWNLOADS);

export async function downloadStep(context: RunContext): Promise<void> {
  const { board, warehouseId, runId, workflowId, startedAt, input, tuning, searchAttributes } =
    context;
  const steering = context.decisions.steering();
  board.records += 1;
  const argument: DownloadImagesInput = {
    ...{ warehouseId, runId, workflowId, startedAt, input, tuning, searchAttributes, steering },
    sequence: board.records * PROGRESS_SEQUENCE_STRIDE,
    cursor: null,
  };
  const ours = CancellationScope.current();
  // Not cancellable itself: a parent's own cancel request names the child's first run and never reaches one that has
  // continued as new (temporalio/features#503). cancelWith does it, by id alone.
  board.download = await CancellationScope.nonCancellable(() => runChild(ours, context, argument));
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
    staticSummary: `downloads of ${workflowId}`,
  });
  // Only now: what does not exist yet can be told nothing.
  cancelWith(ours, childId);
  const known = argument.steering;
  decisions.onSteer = () => {
    steer(childId, decisions.steering());
  };
  if (decisions.isPaused !== known.isPaused || decisions.hosts !== known.hosts) decisions.onSteer();
  try {
    return await child.result();
  } finally {
    decisions.onSteer = () => undefined;
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
