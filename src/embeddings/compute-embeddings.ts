/** Computes embeddings of stored files with a user's model, in a process of its own. */
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { EmbeddingModel } from '../contract/embeddings/embedding';
import { StepError } from '../contract/errors';
import { dataRootPaths } from '../files/data-root';
import { intactSegments, markIntact, stampSegments } from '../files/embeddings/intact-segments';
import { segmentFolderName, segmentsIn } from '../files/embeddings/segments';
import { moveToQuarantine } from '../files/move-to-quarantine';
import { runProcess } from '../processes/run-process';
import { linkSnapshot } from '../processes/scratch-snapshot';
import { moveDurably, withScratchFolder } from '../processes/scratch-folder';
import {
  checkResult,
  computeResult,
  EMBEDDINGS_NAME,
  SEGMENT_NAME,
  type ComputeJob,
  type ComputeResult,
} from './embedding-job';
import { readModelFile, type ModelFile } from './model-file';

const SCRIPT = 'embeddings/child/embedding-process.js';
const TASK = 'Computing embeddings';

/**
 * Reads the model, loads it and executes it once on a made picture.
 *
 * @throws StepError `input` that says what is missing or wrong; disk_*.
 */
export async function checkEmbeddingModel(options: {
  readonly dataRoot: string;
  /** The value of ARTEMIS_EMBEDDING_MODEL; null when it is not set. */
  readonly file: string | null;
}): Promise<EmbeddingModel> {
  const model = readModelFile(options.file);
  await withScratchFolder(options.dataRoot, 'embeddings', (scratch) =>
    runProcess({
      script: SCRIPT,
      scratch,
      job: { mode: 'check', model },
      result: checkResult,
      crash: 'input',
      task: `Loading ${model.file}`,
    }),
  );
  return { name: model.settings.name, version: model.version };
}

export interface ComputeEmbeddingsOptions extends Pick<
  ComputeJob,
  'dataRoot' | 'runId' | 'after' | 'timeBoxSeconds' | 'pixels' | 'database'
> {
  /** The value of ARTEMIS_EMBEDDING_MODEL; null when it is not set. */
  readonly file: string | null;
  /** The version with which the run began. */
  readonly version: string;
  /** Where the file with the table is moved, on the file system of `tmp/`. */
  readonly target: string;
  readonly signal?: AbortSignal;
}

/**
 * Computes until the time box ends, and keeps what it computed as one segment: Parquet, below
 * `embeddings/`. Files that have an embedding in a segment are not computed again. After the last
 * file it writes the table `embedding` to `target`, unless the snapshot has the same one.
 *
 * @remarks Idempotent. What a killed attempt had computed is computed again: at most one time box.
 * @throws StepError `embeddings_failed` when the worker has another model, or none; `input` when
 *   there is no snapshot; db_*, disk_*; the signal's reason when it is aborted.
 */
export function computeEmbeddings(options: ComputeEmbeddingsOptions): Promise<ComputeResult> {
  const { dataRoot, runId, after, timeBoxSeconds, pixels, target, signal } = options;
  const { memory, threads } = options.database;
  const model = modelOfRun(options.file, options.version);
  const folder = path.join(dataRootPaths(dataRoot).embeddings, segmentFolderName(model.version));
  return withScratchFolder(dataRoot, 'embeddings', async (scratch) => {
    await linkSnapshot(dataRoot, scratch, TASK);
    // Taken before the process reads: a segment that is written to meanwhile has another one.
    const stamps = await stampSegments(segmentsIn(folder));
    const intact = intactSegments(folder, stamps);
    const job: ComputeJob = {
      mode: 'compute',
      model,
      runId,
      dataRoot: path.resolve(dataRoot),
      segments: [...stamps.keys()],
      intact,
      after,
      timeBoxSeconds,
      pixels,
      database: { memory, threads },
    };
    const result = await runProcess({
      script: SCRIPT,
      scratch,
      job,
      result: computeResult,
      crash: 'embeddings_failed',
      task: TASK,
      signal,
    });
    for (const damaged of result.damaged) moveToQuarantine(dataRoot, damaged);
    if (result.read.length > 0)
      markIntact(dataRoot, folder, stampsOfIntact(stamps, intact, result));
    if (result.hasSegment) {
      await mkdir(folder, { recursive: true });
      const name = `${randomBytes(8).toString('hex')}.parquet`;
      await moveDurably(path.join(scratch, SEGMENT_NAME), path.join(folder, name));
    }
    if (result.whole?.isWritten === true)
      await moveDurably(path.join(scratch, EMBEDDINGS_NAME), target);
    return result;
  });
}

function stampsOfIntact(
  stamps: ReadonlyMap<string, string>,
  intact: readonly string[],
  { read, damaged }: ComputeResult,
): ReadonlyMap<string, string> {
  const whole = new Set([...intact, ...read]);
  const isMarked = (segment: string): boolean => whole.has(segment) && !damaged.includes(segment);
  return new Map([...stamps].filter(([segment]) => isMarked(segment)));
}

function modelOfRun(file: string | null, version: string): ModelFile {
  let model: ModelFile;
  try {
    model = readModelFile(file);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new StepError('embeddings_failed', `${message} Then retry the step.`, { cause: error });
  }
  if (model.version === version) return model;
  throw new StepError(
    'embeddings_failed',
    `The run began with the version ${version} of the model, and ${model.file} with its settings is now ${model.version}. Restore the files, or the program with which it began, and retry the step; or skip it, and start another run with the new model.`,
  );
}
