/** The activity of the step `clusters`: groups of equal and similar images. */
import path from 'node:path';
import { findClusters } from '../clusters/find-clusters';
import type { Config } from '../config';
import type { FindClustersInput, FindClustersResult } from '../contract/payloads';
import { dataRootPaths, relativeToRoot } from '../files/data-root';
import { sha256OfFile } from '../files/sha256-of-file';
import { tempName } from '../files/temp-names';
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
  const target = path.join(dataRootPaths(dataRoot).tmp, `${tempName('clusters')}.duckdb`);
  return withHeartbeat({
    details: () => ({}),
    work: async (signal) => {
      const { isWritten, counts } = await findClusters({
        dataRoot,
        runId,
        database,
        target,
        signal,
      });
      if (!isWritten) return { derived: null, counts };
      const relative = relativeToRoot(dataRoot, target);
      return {
        derived: { kind: 'clusters', path: relative, sha256: await sha256OfFile(target) },
        counts,
      };
    },
  });
}
