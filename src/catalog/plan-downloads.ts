/** What a run will download, from the published snapshot, as a plan on disk. */
import { copyFile, link, mkdir, rename } from 'node:fs/promises';
import path from 'node:path';
import type { DatabaseConfig } from '../config';
import { StepError } from '../contract/errors';
import type { PlanDownloadsInput, PlanDownloadsResult } from '../contract/payloads';
import { dataRootPaths, runPaths } from '../files/data-root';
import { PLAN_NAME, SNAPSHOT_NAME, planCounts } from './child-messages';
import type { PlanJob } from './child-messages';
import { errorCode } from './error-code';
import { runChild } from './run-child';
import { syncPath, withScratchFolder } from './scratch-folder';
import { resolveUserFile } from './user-file';

export interface PlanDownloadsOptions {
  readonly dataRoot: string;
  readonly runId: string;
  readonly request: PlanDownloadsInput;
  /** The worker's; they win over the run's. **Units** open sockets and requests per second, of one host. */
  readonly caps: { readonly connections: number; readonly requestsPerSecond: number };
  /** Download workers that there are: they share a host that is asked quickly. */
  readonly workers: number;
  readonly database: DatabaseConfig;
  readonly signal?: AbortSignal;
  /** Called about once a second while the child lives. */
  readonly onProgress?: () => void;
}

/**
 * Writes the run's `plan/` in a locked-down child process and swaps it in whole.
 *
 * **Idempotency** the same snapshot, request and number of workers give the same bytes.
 * **Errors** {@link StepError} `input`, `db_corrupt`, `db_memory`, `disk_…`; the signal's reason when aborted.
 */
export async function planDownloads(options: PlanDownloadsOptions): Promise<PlanDownloadsResult> {
  const job = await jobOf(options);
  return withScratchFolder(options.dataRoot, 'plan', async (scratch) => {
    await linkSnapshot(options.dataRoot, scratch);
    const counts = await runChild({
      script: 'plan-child.js',
      scratch,
      job,
      result: planCounts,
      crash: 'db_corrupt',
      task: 'Planning the downloads',
      signal: options.signal,
      onProgress: options.onProgress,
    });
    await publish(options, scratch);
    return counts;
  });
}

async function jobOf({
  dataRoot,
  runId,
  request,
  caps,
  workers,
  database,
}: PlanDownloadsOptions): Promise<PlanJob> {
  const { select, limit, only, hosts } = request;
  const { memory, threads } = database;
  const ids =
    only === null
      ? null
      : await resolveUserFile({ dataRoot, given: only, field: 'only', missing: 'input' });
  return {
    runId,
    select,
    limit,
    only: ids,
    hosts: { ...hosts },
    caps,
    workers,
    database: { memory, threads },
  };
}

/** A name of its own for the same file: a newer snapshot does not disturb it, and a stray `.wal` beside it is not read. */
async function linkSnapshot(dataRoot: string, scratch: string): Promise<void> {
  const { snapshot } = dataRootPaths(dataRoot);
  const own = path.join(scratch, SNAPSHOT_NAME);
  try {
    // Not every file system, and not every user, may make hard links.
    await link(snapshot, own).catch(() => copyFile(snapshot, own));
  } catch (error) {
    throw new StepError(
      'input',
      `Planning the downloads: there is no snapshot to plan from (${String(error)}). Run the step \`ingest\` first.`,
      { cause: error },
    );
  }
}

async function publish({ dataRoot, runId }: PlanDownloadsOptions, scratch: string): Promise<void> {
  const run = runPaths(dataRoot, runId);
  const plan = path.join(scratch, PLAN_NAME);
  await syncPath(path.join(plan, 'lanes'));
  await syncPath(plan);
  await mkdir(run.folder, { recursive: true });
  await rename(run.plan, path.join(scratch, 'former')).catch((error: unknown) => {
    if (errorCode(error) !== 'ENOENT') throw error;
  });
  await rename(plan, run.plan);
  await syncPath(run.folder);
}
