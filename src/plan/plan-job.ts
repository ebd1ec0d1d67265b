/** What the plan worker asks of `plan-process`, and what it gets back. */
import { z } from 'zod';
import { hostBudgetSchema } from './schema';

/** The working folder of the process is the scratch folder, with the snapshot in it. */
export const planJob = z.strictObject({
  runId: z.string(),
  select: z.enum(['pending', 'failed', 'all']),
  limit: z.number().nullable(),
  /** Absolute path of the file with ids. */
  only: z.string().nullable(),
  hosts: z.record(z.string(), hostBudgetSchema),
  caps: hostBudgetSchema,
  /** Number of download workers: they share a host that may be asked quickly. */
  workers: z.number(),
  database: z.strictObject({ memory: z.string(), threads: z.number().int().positive() }),
});
export type PlanJob = z.infer<typeof planJob>;

/** **Units** `planned` and `settled` images. */
export const planCounts = z.strictObject({
  planned: z.number(),
  settled: z.number(),
  lanes: z.number(),
  pages: z.number(),
});
export type PlanCounts = z.infer<typeof planCounts>;

/** Names in the scratch folder. */
export const PLAN_NAME = 'plan';
export const SNAPSHOT_NAME = 'snapshot.duckdb';
