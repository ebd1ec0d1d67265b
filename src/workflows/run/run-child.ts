/** Runs the child workflow of a step: it is cancelled with the step, and receives its steering. */
import {
  CancellationScope,
  ParentClosePolicy,
  WorkflowIdReusePolicy,
  defineSignal,
  getExternalWorkflowHandle,
  startChild,
} from '@temporalio/workflow';
import type { DownloadSteering } from '../../contract/download-workflow';
import { SIGNAL_STEER_DOWNLOADS } from '../../contract/operator';
import type { ResolvedInput } from '../../contract/run-input';
import { staticDetails, staticSummary } from '../../contract/static-details';
import type { RunContext } from './run-context';

const steerSignal = defineSignal<[DownloadSteering]>(SIGNAL_STEER_DOWNLOADS);

interface ChildInput {
  readonly input: ResolvedInput;
  readonly steering: DownloadSteering;
}

/** The child of a step, and its name for users. */
export interface Child<Input extends ChildInput, Result> {
  readonly name: string;
  readonly workflow: (argument: Input) => Promise<Result>;
  readonly workflowId: string;
  readonly argument: Input;
}

/** @throws the child's failure; a cancellation. */
export async function runChild<Input extends ChildInput, Result>(
  context: RunContext,
  child: Child<Input, Result>,
): Promise<Result> {
  const scope = CancellationScope.current();
  // The run may have been aborted in the very workflow task that would start the child, because a
  // reset applies earlier updates again.
  if (scope.consideredCancelled) await scope.cancelRequested;
  // The child must not be cancelled by its parent's scope. A parent's own cancel request names the
  // child's first run, and never reaches a child that has continued as new
  // (temporalio/features#503). cancelChildWith cancels it by its id alone.
  return CancellationScope.nonCancellable(() => startAndSteer(scope, context, child));
}

async function startAndSteer<Input extends ChildInput, Result>(
  scope: CancellationScope,
  { decisions }: RunContext,
  { name, workflow, workflowId: childId, argument }: Child<Input, Result>,
): Promise<Result> {
  const child = await startChild<(argument: Input) => Promise<Result>>(workflow, {
    workflowId: childId,
    args: [argument],
    // A reset parent replaces its old child, and the child of a terminated parent still flushes.
    // Temporal's newer conflict policy does not exist for children.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    workflowIdReusePolicy: WorkflowIdReusePolicy.TERMINATE_IF_RUNNING,
    parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    staticSummary: `${name}: ${staticSummary(argument.input)}`,
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
