/** A run that is reset after its end lives again as soon as its next life does anything. */
import type { Context } from '@temporalio/activity';
import type {
  ActivityInboundCallsInterceptor,
  ActivityInterceptorsFactory,
} from '@temporalio/worker';
import { z } from 'zod';
import { RUN_PIPELINE } from '../../contract/operator';
import { reopenRun } from '../../files/run/run-records';

const ofRun = z
  .object({ runId: z.string() })
  .or(z.object({ record: z.object({ runId: z.string() }) }).transform(({ record }) => record));

/**
 * A reset goes back to any event: what comes first then may be any activity of the run, not just a record of its progress.
 * Its downloads tell their progress first, with the life that they belong to.
 *
 * **Errors** StepError disk_*.
 */
export function resetInterceptor(
  context: Context,
  root: string,
): ReturnType<ActivityInterceptorsFactory> {
  const { workflowType, workflowExecution, scheduledTimestampMs: scheduledAt } = context.info;
  const inbound: ActivityInboundCallsInterceptor = {
    async execute(input, next) {
      const run = ofRun.safeParse(input.args[0]);
      if (run.success && workflowType === RUN_PIPELINE && workflowExecution !== undefined) {
        const { runId } = run.data;
        reopenRun({ root, runId, life: workflowExecution.runId, scheduledAt });
      }
      return next(input);
    },
  };
  return { inbound };
}
