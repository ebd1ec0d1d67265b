/** The job that the plan worker sends to `plan-process`, and the result that it receives. */
import { z } from 'zod';
import { hostBudgetSchema } from './plan-file-schemas';

/** The job. The working folder of the process is the scratch folder, which holds the snapshot. */
export const planJob = z.strictObject({
  runId: z.string(),
  select: z.enum(['pending', 'failed', 'all']),
  limit: z.number().nullable(),
  /** Absent: the unnamed collection. */
  collection: z.string().optional(),
  /** The absolute path of the file with ids. */
  only: z.string().nullable(),
  hosts: z.record(z.string(), hostBudgetSchema),
  caps: hostBudgetSchema,
  /** The number of download workers. They share hosts whose budget allows many requests. */
  workers: z.number(),
  database: z.strictObject({ memory: z.string(), threads: z.number().int().positive() }),
});
export type PlanJob = z.infer<typeof planJob>;

/** The result. `planned` and `settled` count images. */
export const planCounts = z.strictObject({
  planned: z.number(),
  settled: z.number(),
  unknownIds: z
    .strictObject({ count: z.number(), listed: z.number(), first: z.string() })
    .exactOptional(),
  lanes: z.number(),
  pages: z.number(),
});
export type PlanCounts = z.infer<typeof planCounts>;

/** Name of the plan in the scratch folder. */
export const PLAN_NAME = 'plan';
