/** Finds groups of equal and similar images in the published snapshot, in a process of its own. */
import path from 'node:path';
import { linkSnapshot } from '../processes/scratch-snapshot';
import { runProcess } from '../processes/run-process';
import { moveDurably, withScratchFolder } from '../processes/scratch-folder';
import { CLUSTERS_NAME, clusterResult, type ClusterJob, type ClusterResult } from './cluster-job';

const TASK = 'Finding groups of images';

export interface FindClustersOptions {
  readonly dataRoot: string;
  readonly runId: string;
  readonly database: ClusterJob['database'];
  /** Where the file with the tables is moved, on the file system of `tmp/`. */
  readonly target: string;
  readonly signal?: AbortSignal;
}

/**
 * Writes the tables `cluster`, `cluster_member` and `derived_from` to `target`. The same stored
 * files and features give the same tables; where the snapshot has these already, nothing is
 * written.
 *
 * @remarks With a `database.memory` of 300MB the process had up to 760 MB for a million files, and
 *   with 2GB up to 1.8 GB (bench/clusters.mjs).
 * @throws StepError `input` when there is no snapshot; `db_corrupt`, `db_memory`, disk_*; the
 *   signal's reason when it is aborted.
 */
export function findClusters(options: FindClustersOptions): Promise<ClusterResult> {
  const { dataRoot, runId, database, target, signal } = options;
  const { memory, threads } = database;
  const job: ClusterJob = { runId, database: { memory, threads } };
  return withScratchFolder(dataRoot, 'clusters', async (scratch) => {
    await linkSnapshot(dataRoot, scratch, TASK);
    const result = await runProcess({
      script: 'clusters/child/cluster-process.js',
      scratch,
      job,
      result: clusterResult,
      crash: 'db_memory',
      task: TASK,
      signal,
    });
    if (result.isWritten) await moveDurably(path.join(scratch, CLUSTERS_NAME), target);
    return result;
  });
}
