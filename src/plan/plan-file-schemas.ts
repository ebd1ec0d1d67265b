/**
 * The only description of a plan on disk: a page of the index, a lane, an entry. The writer and the
 * readers are in this folder.
 *
 * The schemas are strict, so a field that the writer adds and the schema lacks is an error in the
 * first test. Workflows must not load zod and use the types of `contract/`; the checks below make
 * the compiler verify that both are identical.
 */
import { z } from 'zod';
import type { Lane, ReadPlanPageResult } from '../contract/payloads';
import type { PlanEntry, PlannedImage, RecordedFile, StoredFile } from '../contract/plan-entry';
import type { HostBudget } from '../contract/run-input';

const countSchema = z.number().int().nonnegative();

export const hostBudgetSchema = z.strictObject({
  connections: z.number(),
  requestsPerSecond: z.number(),
});

export const laneSchema = z.strictObject({
  lane: z.string(),
  hosts: z.array(z.string()),
  images: countSchema,
  entries: countSchema,
  budgets: z.record(z.string(), hostBudgetSchema),
  lanesOfHost: z.exactOptional(countSchema),
});

export const planPageSchema = z.strictObject({ lanes: z.array(laneSchema) });

const recordedFileSchema = z.strictObject({
  path: z.string(),
  sha256: z.string(),
  etag: z.string().nullable(),
  lastModified: z.string().nullable(),
});

const storedFileSchema = recordedFileSchema.extend({
  bytes: countSchema,
  width: countSchema.nullable(),
  height: countSchema.nullable(),
  format: z.string().nullable(),
  verdict: z.enum(['valid', 'suspect', 'unchecked']).nullable(),
});

const plannedImageSchema = z.strictObject({
  id: z.string(),
  urlHash: z.string(),
  file: recordedFileSchema.nullable(),
});

export const planEntrySchema = z.strictObject({
  url: z.string(),
  stored: z.exactOptional(storedFileSchema),
  ids: z.array(plannedImageSchema),
});

/** Is `true` only if the type in `contract/` and the type of the schema are identical. */
type Identical<Contract, Schema extends z.ZodType> =
  Same<Contract, ReadonlyDeep<z.infer<Schema>>> extends true ? true : never;
/**
 * Two conditional types are assignable only if the types that they extend are identical, including
 * readonly and optional keys.
 */
type Same<A, B> =
  (<T>(value: T) => T extends A ? 1 : 2) extends <T>(value: T) => T extends B ? 1 : 2
    ? true
    : false;
/** The types of `contract/` are readonly at every depth, but zod infers writable types. */
type ReadonlyDeep<T> = T extends (infer Item)[]
  ? readonly ReadonlyDeep<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: ReadonlyDeep<T[Key]> }
    : T;

true satisfies Identical<HostBudget, typeof hostBudgetSchema>;
true satisfies Identical<Lane, typeof laneSchema>;
true satisfies Identical<ReadPlanPageResult, typeof planPageSchema>;
true satisfies Identical<RecordedFile, typeof recordedFileSchema>;
true satisfies Identical<StoredFile, typeof storedFileSchema>;
true satisfies Identical<PlannedImage, typeof plannedImageSchema>;
true satisfies Identical<PlanEntry, typeof planEntrySchema>;
