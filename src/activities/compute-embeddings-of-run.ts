/** The activity of the step `embeddings`: the embeddings of one stretch of the stored files. */
import type { Config } from '../config';
import type {
  ComputeEmbeddingsInput,
  ComputeEmbeddingsResult,
} from '../contract/embeddings/embedding';
import { computeEmbeddings } from '../embeddings/compute-embeddings';
import { describeDerivedFile, withDerivedTarget } from './derived-target';
import { withHeartbeat } from './heartbeat';

/**
 * Computes until the time box ends, or the last file is done.
 *
 * @remarks Idempotent: what segments have is not computed again, and the publication installs the
 *   file that is returned. The warehouse is not opened.
 * @throws StepError `embeddings_failed` for a worker that has another model, or none; `input`
 *   without a snapshot; db_*, disk_*.
 */
export function computeEmbeddingsOfRun(
  { dataRoot, database, download, embeddingModel }: Config,
  { runId, version, after, timeBoxSeconds }: ComputeEmbeddingsInput,
): Promise<ComputeEmbeddingsResult> {
  return withHeartbeat({
    work: (signal) =>
      withDerivedTarget({ dataRoot, kind: 'embeddings', runId, signal }, async (target) => {
        const { computed, left, next, whole } = await computeEmbeddings({
          dataRoot,
          runId,
          version,
          after,
          timeBoxSeconds,
          database,
          target,
          signal,
          pixels: download.pixels,
          file: embeddingModel,
        });
        if (whole === null) return { computed, left, next, whole };
        const { isWritten, files, failed } = whole;
        const derived = isWritten
          ? await describeDerivedFile(dataRoot, 'embeddings', target)
          : null;
        return { computed, left, next, whole: { derived, files, failed } };
      }),
  });
}
