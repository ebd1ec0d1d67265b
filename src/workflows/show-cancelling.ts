/** Between the request and the end of a run its state is `cancelling`: the flush may take a while. */
import type { CancellationScope } from '@temporalio/workflow';
import type { RunContext } from './run-context';
import { showRun } from './show-run';

/** Shows it when the scope of the run's steps is cancelled, by a cancel or by an operator's abort. */
export function showCancelling(
  scope: CancellationScope,
  { board, searchAttributes }: RunContext,
): void {
  scope.cancelRequested.catch(() => {
    board.state = 'cancelling';
    showRun(board, searchAttributes);
  });
}
