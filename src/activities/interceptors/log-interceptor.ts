/** Adds the run, step and lane to each line that an activity logs. */
import type {
  ActivityInboundCallsInterceptor,
  ActivityInterceptorsFactory,
  ActivityOutboundCallsInterceptor,
} from '@temporalio/worker';
import type { Context } from '@temporalio/activity';
import { z } from 'zod';
import { COMPUTE_FEATURES, DOWNLOAD_IMAGES } from '../../contract/operator';
import type { StepName } from '../../contract/run-input';

/** The fields of payloads that identify the run; see RunRef. A run record has the id of its run. */
const payloadFields = z
  .object({
    runId: z.string().nullish().catch(null),
    lane: z.string().optional().catch(undefined),
    dispatch: z.number().optional().catch(undefined),
    record: z.object({ runId: z.string() }).nullish().catch(null),
  })
  .catch({});

const STEPS: Readonly<Record<string, StepName>> = {
  parseCatalog: 'ingest',
  mergeCatalog: 'ingest',
  computeEmbeddings: 'embeddings',
  findClusters: 'clusters',
  bindModels: 'aggregates',
  buildModels: 'aggregates',
  publishSnapshot: 'publish',
};

const CHILDREN: Readonly<Record<string, StepName>> = {
  [DOWNLOAD_IMAGES]: 'download',
  [COMPUTE_FEATURES]: 'features',
};

/**
 * `workflowId`, `activity` and `attempt` are Temporal's own.
 *
 * @see docs/operating.md, "Logs", for the meaning of each field.
 */
export function logInterceptor({ info }: Context): ReturnType<ActivityInterceptorsFactory> {
  let fields: Readonly<Record<string, unknown>> = {};
  const inbound: ActivityInboundCallsInterceptor = {
    execute: (input, next) => {
      const { record, runId, ...rest } = payloadFields.parse(input.args[0]);
      fields = { runId: runId ?? record?.runId, ...rest };
      return next(input);
    },
  };
  const outbound: ActivityOutboundCallsInterceptor = {
    getLogAttributes: ({ sdkComponent }, next) =>
      next({
        ...(sdkComponent === undefined ? {} : { sdkComponent }),
        ...fields,
        step: stepOf(info.activityType, info.workflowType ?? ''),
        workflowId: info.workflowExecution?.workflowId,
        activity: info.activityType,
        attempt: info.attempt,
      }),
  };
  return { inbound, outbound };
}

function stepOf(activity: string, workflow: string): StepName | undefined {
  return CHILDREN[workflow] ?? STEPS[activity];
}
