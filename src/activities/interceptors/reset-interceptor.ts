/**
 * Reopens a run that is reset after its end, as soon as its new workflow execution does anything.
 */
import type { Context } from '@temporalio/activity';
import type {
  ActivityInboundCallsInterceptor,
  ActivityInterceptorsFactory,
} from '@temporalio/worker';
import { z } from 'zod';
import { RUN_PIPELINE } from '../../contract/operator';
import { reopenRun } from '../../files/run/run-records';

const runReference = z
  .object({ runId: z.string() })
  .or(z.object({ record: z.object({ runId: z.string() }) }).transform(({ record }) => record));

/**
 * A reset returns to any event, so the first activity afterwards may be any activity of the run,
 * not only one that records progress. Downloads record their progress first, with the workflow
 * execution that they belong to.
 *
 * @throws StepError disk_*.
 */
export function resetInterceptor(
  context: Context,
  root: string,
): ReturnType<ActivityInterceptorsFactory> {
  const { workflowType, workflowExecution, scheduledTimestampMs: scheduledAt } = context.info;
  const inbound: ActivityInboundCallsInterceptor = {
    async execute(input, next) {
      const run = runReference.safeParse(input.args[0]);
      if (run.success && workflowType === RUN_PIPELINE && workflowExecution !== undefined) {
        const { runId } = run.data;
        reopenRun({ root, runId, life: workflowExecution.runId, scheduledAt });
      }
      return next(input);
    },
  };
  return { inbound };
}
