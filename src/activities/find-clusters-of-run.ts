/** The activity of the step `clusters`: groups of equal and similar images. */
import { findClusters } from '../clusters/find-clusters';
import type { Config } from '../config';
import type { FindClustersInput, FindClustersResult } from '../contract/payloads';
import { describeDerivedFile, withDerivedTarget } from './derived-target';
import { withHeartbeat } from './heartbeat';

/**
 * Finds the groups of the images that the published snapshot has.
 *
 * @remarks Idempotent: each attempt writes a file of its own, and the publication installs the one
 *   that is returned. The warehouse is not opened.
 * @throws StepError `input` without a snapshot; db_*, disk_*.
 */
export function findClustersOfRun(
  { dataRoot, database }: Config,
  { runId }: FindClustersInput,
): Promise<FindClustersResult> {
  return withHeartbeat({
    work: (signal) =>
      withDerivedTarget({ dataRoot, kind: 'clusters', runId, signal }, async (target) => {
        const { isWritten, counts } = await findClusters({
          dataRoot,
          runId,
          database,
          target,
          signal,
        });
        if (!isWritten) return { derived: null, counts };
        return { derived: await describeDerivedFile(dataRoot, 'clusters', target), counts };
      }),
  });
}
