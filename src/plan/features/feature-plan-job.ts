/**
 * The job that the plan worker sends to `feature-plan-process`, and the result that it receives.
 */
import { z } from 'zod';
import { planJob } from '../plan-job';

/** The job. The working folder of the process is the scratch folder, which holds the snapshot. */
export const featurePlanJob = planJob
  .pick({ select: true, limit: true, only: true, collection: true, database: true })
  .extend({ version: z.int() });
export type FeaturePlanJob = z.infer<typeof featurePlanJob>;

/** The result, as `PlanFeaturesResult` explains it, and the CPU time that computing will take. */
export const featurePlan = z.strictObject({
  planned: z.number(),
  stored: z.number(),
  former: z.number(),
  cpuSeconds: z.number(),
  lanes: z.array(
    z.strictObject({
      lane: z.string(),
      entries: z.number(),
      place: z.strictObject({ from: z.number(), to: z.number() }),
    }),
  ),
});
export type FeaturePlan = z.infer<typeof featurePlan>;

/** Name of the plan in the scratch folder. */
export const FEATURE_PLAN_NAME = 'plan.ndjson';
