/** The jobs of the process that runs SQL of users, and its answers. */
import { z } from 'zod';

/** Copies the published snapshot, as long as it is still the one that was asked for. */
const copyJob = z.strictObject({
  kind: z.literal('copy'),
  from: z.string(),
  to: z.string(),
  /** Of the file that is to be copied: its inode and the time of its last change, in ms. */
  ino: z.number(),
  mtimeMs: z.number(),
});

const queryFields = {
  /** The copy of the snapshot. */
  database: z.string(),
  sql: z.string(),
  /** After this time the query is interrupted. */
  seconds: z.number(),
};

/** Returns the first rows. */
const rowsJob = z.strictObject({ kind: z.literal('rows'), ...queryFields });

export const RESULT_FORMATS = ['csv', 'ndjson', 'parquet'] as const;
export type SqlFormat = (typeof RESULT_FORMATS)[number];

/** Writes all rows to the file `result` of the working folder. */
const fileJob = z.strictObject({
  kind: z.literal('file'),
  ...queryFields,
  format: z.enum(RESULT_FORMATS),
});

export const sqlJob = z.discriminatedUnion('kind', [copyJob, rowsJob, fileJob]);
export type SqlJob = z.infer<typeof sqlJob>;
export type QueryJob = Exclude<SqlJob, { readonly kind: 'copy' }>;

/** What is wrong with a query, in DuckDB's words. */
const problem = z.strictObject({
  kind: z.literal('problem'),
  message: z.string(),
  /** Counted from 1, the column in characters; null when DuckDB names no place. */
  place: z.strictObject({ line: z.number(), column: z.number() }).nullable(),
});
export type SqlProblem = z.infer<typeof problem>;

const rows = z.strictObject({
  kind: z.literal('rows'),
  columns: z.array(z.strictObject({ name: z.string(), type: z.string() })),
  /** Values as texts, as DuckDB writes them. Long ones are cut. */
  rows: z.array(z.array(z.string().nullable())),
  /** True when there are more rows. */
  isCut: z.boolean(),
});
export type SqlRows = z.infer<typeof rows>;

export const queryAnswer = z.discriminatedUnion('kind', [
  problem,
  rows,
  z.strictObject({ kind: z.literal('file') }),
]);
export type QueryAnswer = z.infer<typeof queryAnswer>;

/** `replaced`: another snapshot has been published meanwhile. */
export const copyAnswer = z.strictObject({ kind: z.enum(['copied', 'replaced']) });

/** The name of the result in the working folder. */
export const RESULT_NAME = 'result';

/** Limits of what is shown: rows, values, characters of a value, and characters of all values. */
export const MOST_ROWS = 1_000;
export const MOST_VALUES = 10_000;
export const MOST_CELL = 1_000;
export const MOST_CHARACTERS = 1_000_000;

/** The most bytes of the file of a result. */
export const MOST_FILE_BYTES = 100_000_000;
