/**
 * The messages between the plan worker and its child processes, and the job of the catalog's child
 * process.
 */
import { z } from 'zod';
import { REJECT_CODES } from '../contract/catalog/reject-codes';
import { STEP_CODES } from '../contract/errors';
import { CATALOG_FORMATS, ID_SOURCES } from '../contract/run-input';

const databaseSettings = z.object({ memory: z.string(), threads: z.number().int().positive() });

const columnNames = z.union([z.string(), z.array(z.string())]);

/**
 * The job of catalog/catalog-child.ts. Its working folder is the scratch folder, and it writes
 * nowhere else.
 */
export const parseJob = z.object({
  /** The catalog's name as the input gives it, for messages. */
  name: z.string(),
  columns: z.object({ id: columnNames, url: columnNames }),
  format: z.enum(CATALOG_FORMATS),
  encoding: z.string(),
  delimiter: z.string().nullable(),
  /** Without it, the catalog's first rows decide. */
  quote: z.string().optional(),
  escape: z.string().optional(),
  /** This and the fields below have the defaults that contract/run-input.ts states. */
  many: z.boolean().optional(),
  idFrom: z.enum(ID_SOURCES).optional(),
  header: z.boolean().optional(),
  urlSeparator: z.string().optional(),
  urlTemplate: z.string().optional(),
  baseUrl: z.string().optional(),
  records: z.string().optional(),
  integerIds: z.boolean().optional(),
  member: z.string().optional(),
  imageSize: z.string().optional(),
  /** All files of the catalog, which are read one after another. */
  files: z.array(z.object({ file: z.string(), name: z.string() })),
  database: databaseSettings,
});
export type ParseJob = z.infer<typeof parseJob>;

export const rejectGroup = z.object({
  code: z.enum(REJECT_CODES),
  rows: z.number(),
  record: z.number(),
  line: z.number().nullable(),
  id: z.string().nullable(),
  detail: z.string(),
});

/** All counts are rows of the catalog. `images` counts those that were accepted. */
export const parseCounts = z.object({
  rows: z.number(),
  images: z.number(),
  noUrl: z.number(),
  rejected: z.number(),
  duplicates: z.number(),
  rejectGroups: z.array(rejectGroup),
});
export type ParseCounts = z.infer<typeof parseCounts>;

/**
 * What a child sends to its parent: how many rows it has read, its result, or the step code with
 * which it failed.
 */
export const childMessage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('rows'), rows: z.number() }),
  z.object({ kind: z.literal('done'), result: z.unknown() }),
  z.object({ kind: z.literal('failed'), code: z.enum(STEP_CODES), message: z.string() }),
]);
export type ChildMessage = z.infer<typeof childMessage>;

/** Files in the scratch folder that the parent moves to their final places. */
export const PARQUET_NAME = 'catalog.parquet';
export const REJECTS_NAME = 'rejects.ndjson';
