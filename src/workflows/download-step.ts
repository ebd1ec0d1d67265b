/** download: a child workflow of its own, so that the run's timeline stays the list of its steps. */
import {
  CancellationScope,
  ParentClosePolicy,
  WorkflowIdReusePolicy,
  executeChild,
  getExternalWorkflowHandle,
} from '@temporalio/workflow';
import { PROGRESS_SEQUENCE_STRIDE, type DownloadImagesInput } from '../contract/download';
import { downloadWorkflowId } from '../contract/operator';
import { staticDetails, staticSummary } from '../contract/run-words';
import { downloadImages } from './download-images';
import type { RunContext } from './run-context';

export async function downloadStep(context: RunContext): Promise<void> {
  const { board, warehouseId, runId, workflowId, startedAt, input, tuning, searchAttributes } =
    context;
  const childId = downloadWorkflowId(workflowId);
  board.records += 1;
  const argument: DownloadImagesInput = {
    ...{ warehouseId, runId, workflowId, startedAt, input, tuning, searchAttributes },
    sequence: board.records * PROGRESS_SEQUENCE_STRIDE,
    cursor: null,
  };
  cancelChildWithUs(childId);
  // Not cancellable itself: a parent's own cancel request names the child's first run and never reaches one that has
  // continued as new (temporalio/features#503). cancelChildWithUs does it, by id alone.
  board.download = await CancellationScope.nonCancellable(() =>
    executeChild(downloadImages, {
      workflowId: childId,
      args: [argument],
      // A reset parent replaces its old child; the child of a terminated parent still flushes.
      // Its successor, a conflict policy, does not exist for children.
      // eslint-disable-next-line @typescript-eslint/no-deprecated
      workflowIdReusePolicy: WorkflowIdReusePolicy.TERMINATE_IF_RUNNING,
      parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
      staticSummary: `download: ${staticSummary(input)}`,
      staticDetails: staticDetails(input),
    }),
  );
}

function cancelChildWithUs(childId: string): void {
  CancellationScope.current()
    .cancelRequested.catch(() =>
      CancellationScope.nonCancellable(() => getExternalWorkflowHandle(childId).cancel()),
    )
    // The child has ended meanwhile: there is nobody to cancel.
    .catch(() => undefined);
}
