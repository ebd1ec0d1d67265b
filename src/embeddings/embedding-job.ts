/** The jobs of the process that computes embeddings, and the results that it returns. */
import { z } from 'zod';
import { modelSettings } from './model-settings';
import { RUNTIMES } from './find-runtime';

const model = z.strictObject({
  file: z.string(),
  version: z.string(),
  settings: modelSettings,
  runtime: z.strictObject({ name: z.enum(RUNTIMES), module: z.string() }),
});

/** Loads the model and executes it once. */
const checkJob = z.strictObject({ mode: z.literal('check'), model });

/**
 * Computes the embeddings of a stretch of the stored files. The working folder of the process is
 * the scratch folder, which contains the snapshot.
 */
const computeJob = z.strictObject({
  mode: z.literal('compute'),
  model,
  /** The run, for the table `derived_from`. */
  runId: z.string(),
  /** Absolute path. */
  dataRoot: z.string(),
  /** Absolute paths of the segments of this version. */
  segments: z.array(z.string()),
  /** Those of them whose numbers were all read before and need not be read again. */
  intact: z.array(z.string()),
  /** As in `ComputeEmbeddingsInput`. */
  after: z.string().nullable(),
  timeBoxSeconds: z.number(),
  /** The largest number of pixels of an image that is accepted. */
  pixels: z.number(),
  database: z.strictObject({ memory: z.string(), threads: z.number().int().positive() }),
});

export const embeddingJob = z.discriminatedUnion('mode', [checkJob, computeJob]);
export type EmbeddingJob = Readonly<z.infer<typeof embeddingJob>>;
export type ComputeJob = Readonly<z.infer<typeof computeJob>>;
export type ModelJob = Readonly<z.infer<typeof model>>;

/** How many numbers an embedding of the model has. */
export const checkResult = z.strictObject({ length: z.number() });

/** As `ComputeEmbeddingsResult` explains the fields. */
export const computeResult = z.strictObject({
  computed: z.number(),
  left: z.number(),
  /** False when no file was left for this stretch: then there is no segment. */
  hasSegment: z.boolean(),
  next: z.string().nullable(),
  /** Segments that cannot be read, and whose files were computed again. */
  damaged: z.array(z.string()),
  /** Segments whose numbers were all read. */
  read: z.array(z.string()),
  whole: z
    .strictObject({ isWritten: z.boolean(), files: z.number(), failed: z.number() })
    .nullable(),
});
export type ComputeResult = Readonly<z.infer<typeof computeResult>>;

/** Names of the files in the scratch folder. */
export const SEGMENT_NAME = 'segment.parquet';
export const EMBEDDINGS_NAME = 'embeddings.duckdb';
