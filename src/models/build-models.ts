/** Builds the models and asks the checks over the published snapshot, in a locked-down process. */
import path from 'node:path';
import { runProcess } from '../processes/run-process';
import {
  moveDurably,
  withScratchFolder,
  withSystemScratchFolder,
} from '../processes/scratch-folder';
import { copySnapshot } from '../processes/scratch-snapshot';
import {
  DERIVED_NAME,
  modelBuild,
  type ModelBuild,
  type ModelFile,
  type ModelJob,
} from './model-job';

export type { BuiltModel, CheckResult, ModelBuild, ModelFile, Preview } from './model-job';

const BUILDING = 'Building the models';

export interface BuildModelsOptions {
  readonly dataRoot: string;
  /** As `readModelFiles` returns them. */
  readonly files: readonly ModelFile[];
  /**
   * `check` reads and binds the files and computes nothing. `bind` is for the time before steps
   * have published their tables: a file that reads a table which is not there yet is unchecked.
   */
  readonly mode: 'bind' | 'check' | 'build';
  /** The names of models and checks, which are built with what they need; null: all. */
  readonly only: readonly string[] | null;
  /** How many rows of each table are returned. */
  readonly previewRows: number;
  readonly secondsPerModel: number;
  readonly database: ModelJob['database'];
  /** The run that builds them, for the table `derived_from`; null for none. */
  readonly origin: ModelJob['origin'];
  /** Where the file with the tables is moved, on the file system of `tmp/`; null: it is deleted. */
  readonly target: string | null;
  readonly signal?: AbortSignal;
}

/**
 * A model that cannot be built is part of the result, and stops none but those that need it.
 * Where the snapshot has the tables of the same content, and may be used, no file is written.
 *
 * @throws StepError `input` when there is no snapshot; `model_failed` for a query that goes on when
 *   it is interrupted; `db_corrupt`, `db_memory`, `disk_…`; the signal's reason when it is aborted.
 */
export function buildModels(options: BuildModelsOptions): Promise<ModelBuild> {
  const { dataRoot, target, signal } = options;
  return withScratchFolder(dataRoot, 'models', async (scratch) => {
    await copySnapshot(dataRoot, scratch, BUILDING);
    const build = await inProcess(scratch, jobOf(options), signal);
    if (target !== null && !build.isReused)
      await moveDurably(path.join(scratch, DERIVED_NAME), target);
    return build;
  });
}

/**
 * Checks the files of a data root without a snapshot: their syntax, what they need, and that the
 * tables which they read exist in every snapshot. Nothing is written to the data root.
 *
 * @throws StepError `db_memory` when the process dies.
 */
export async function checkModelNames(
  options: Pick<BuildModelsOptions, 'files' | 'only' | 'database'>,
): Promise<ModelBuild> {
  const rest = { mode: 'names', previewRows: 0, secondsPerModel: 0, origin: null } as const;
  return withSystemScratchFolder('artemis-models', (scratch) =>
    inProcess(scratch, jobOf({ ...options, ...rest })),
  );
}

function inProcess(scratch: string, job: ModelJob, signal?: AbortSignal): Promise<ModelBuild> {
  return runProcess({
    script: 'models/child/model-process.js',
    scratch,
    job,
    result: modelBuild,
    crash: 'db_memory',
    task: job.mode === 'build' ? BUILDING : 'Checking the models',
    signal,
  });
}

type JobOptions = Omit<BuildModelsOptions, 'dataRoot' | 'mode' | 'target'> & Pick<ModelJob, 'mode'>;

function jobOf(options: JobOptions): ModelJob {
  const { mode, files, only, previewRows, secondsPerModel, origin } = options;
  const { memory, threads } = options.database;
  return {
    mode,
    files: [...files],
    only: only === null ? null : [...only],
    previewRows,
    secondsPerModel,
    origin,
    database: { memory, threads },
  };
}
