/** The job of the process that builds models, and the result that it returns. */
import { z } from 'zod';

const modelFile = z.strictObject({
  kind: z.enum(['model', 'check']),
  /** The name of the file without `.sql`, and of the table. */
  name: z.string(),
  /** Where the file is, for messages: `models/by_day.sql`. */
  file: z.string(),
  text: z.string(),
  /** The models that the line `-- needs:` names. */
  needs: z.array(z.string()),
  /** Whether a line `-- needs:` is there, perhaps without a name. */
  declaresNeeds: z.boolean(),
  /** A check whose bad rows are a warning. */
  isWarning: z.boolean(),
  doc: z.string().nullable(),
  /** What is wrong with the file, with its place; such a file is not built. */
  mistake: z.string().nullable(),
});

/** A file of the package or of the user: one SELECT with a header of comments. */
export type ModelFile = Readonly<z.infer<typeof modelFile>>;

/**
 * The working folder of the process is the scratch folder, which contains a copy of the snapshot.
 * The process writes its tables to a file beside it.
 */
export const modelJob = z.strictObject({
  /**
   * `names` reads the files without a snapshot, and knows the names of its tables; `check` binds
   * them to its columns, and computes nothing; `bind` does the same before the tables of clusters
   * and models are published, and leaves unchecked what reads one of these that is not there yet.
   */
  mode: z.enum(['names', 'bind', 'check', 'build']),
  files: z.array(modelFile),
  /** Build these models and checks and what they need; null: all. */
  only: z.array(z.string()).nullable(),
  /** How many rows of each table the result contains. */
  previewRows: z.number(),
  /** After this time a query is interrupted. */
  secondsPerModel: z.number(),
  /**
   * The run that builds the models, and whether the tables of the same content may be taken from
   * the snapshot instead; null for none.
   */
  origin: z.strictObject({ runId: z.string(), mayReuse: z.boolean() }).nullable(),
  database: z.strictObject({ memory: z.string(), threads: z.number().int().positive() }),
});
export type ModelJob = Readonly<z.infer<typeof modelJob>>;

/** The first rows of a table, each value as text. */
const preview = z.strictObject({
  columns: z.array(z.strictObject({ name: z.string(), type: z.string() })),
  rows: z.array(z.record(z.string(), z.string().nullable())),
});
export type Preview = z.infer<typeof preview>;

export const builtModel = z.strictObject({
  name: z.string(),
  file: z.string(),
  doc: z.string().nullable(),
  /** The models that it reads. */
  needs: z.array(z.string()),
  /**
   * `checked` and `unchecked` are states of a check of the files: the second one is that of a model
   * whose columns depend on the data, of those that need it, and of all without a snapshot.
   */
  state: z.enum(['built', 'failed', 'skipped', 'checked', 'unchecked']),
  rows: z.number().nullable(),
  /** The size of the blocks of the file that the table has parts in. */
  bytes: z.number().nullable(),
  seconds: z.number().nullable(),
  /** Begins with `<file>:<line>:<column>: `. */
  error: z.string().nullable(),
  preview: preview.nullable(),
});
export type BuiltModel = z.infer<typeof builtModel>;

export const checkResult = z.strictObject({
  name: z.string(),
  file: z.string(),
  doc: z.string().nullable(),
  /**
   * `failed` has bad rows, and `warned` too, in a check with `-- warn`. `error` could not be asked,
   * and `skipped` needs a model that there is not.
   */
  state: z.enum(['passed', 'warned', 'failed', 'error', 'skipped', 'checked', 'unchecked']),
  badRows: z.number().nullable(),
  /** One of the bad rows as JSON. */
  example: z.string().nullable(),
  error: z.string().nullable(),
});
export type CheckResult = z.infer<typeof checkResult>;

export const modelBuild = z.strictObject({
  models: z.array(builtModel),
  checks: z.array(checkResult),
  /** True when the snapshot has the tables already: then no file was written. */
  isReused: z.boolean(),
});
export type ModelBuild = z.infer<typeof modelBuild>;

/** Name of the file with the tables in the scratch folder. */
export const DERIVED_NAME = 'derived.duckdb';
