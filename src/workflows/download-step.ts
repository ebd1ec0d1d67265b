/** download: a child workflow of its own, so that the run's timeline stays the list of its steps. */
import {
  CancellationScope,
  ParentClosePolicy,
  WorkflowIdReusePolicy,
  getExternalWorkflowHandle,
  startChild,
} from '@temporalio/workflow';
import type { DownloadImagesInput } from '../contract/download';
import { downloadWorkflowId } from '../contract/operator';
import { downloadImages } from './download-images';
import type { RunContext } from './run-context';

export async function downloadStep(context: RunContext): Promise<void> {
  const { board, warehouseId, runId, workflowId, startedAt, input, tuning, searchAttributes } =
    context;
  const childId = downloadWorkflowId(workflowId);
  const argument: DownloadImagesInput = {
    ...{ warehouseId, runId, workflowId, startedAt, input, tuning, searchAttributes },
    sequence: board.nextSequence(),
    cursor: null,
  };
  // Aborted in the very task that would start it: a reset applies former updates again.
  const scope = CancellationScope.current();
  if (scope.consideredCancelled) await scope.cancelRequested;
  // Not cancellable itself: a parent's own cancel request names the child's first run and never reaches one that has
  // continued as new (temporalio/features#503). cancelChildWithUs does it, by id alone.
  const child = await CancellationScope.nonCancellable(() =>
    startChild(downloadImages, {
      workflowId: childId,
      args: [argument],
      // A reset parent replaces its old child; the child of a terminated parent still flushes.
      // Its successor, a conflict policy, does not exist for children.
      // eslint-disable-next-line @typescript-eslint/no-deprecated
      workflowIdReusePolicy: WorkflowIdReusePolicy.TERMINATE_IF_RUNNING,
      parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
      staticSummary: `downloads of ${workflowId}`,
    }),
  );
  // Only now: the server refuses a task that starts a workflow and cancels it, and it would be tried for ever.
  cancelChildWithUs(childId);
  board.download = await CancellationScope.nonCancellable(() => child.result());
}

function cancelChildWithUs(childId: string): void {
  CancellationScope.current()
    .cancelRequested.catch(() =>
      CancellationScope.nonCancellable(() => getExternalWorkflowHandle(childId).cancel()),
    )
    // The child has ended meanwhile: there is nobody to cancel.
    .catch(() => undefined);
}
