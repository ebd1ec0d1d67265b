/** Activities of the queue `artemis-features`: CPU and disk only, never the database. */
import { Context, log } from '@temporalio/activity';
import type { FeatureBatchInput, FeatureBatchResult } from '../contract/features/feature-payloads';
import type { FeaturePool } from '../features/feature-pool';
import { runFeatureBatch } from '../features/run-feature-batch';
import { withHeartbeat } from './heartbeat';

/**
 * An attempt that finishes no file for this time is taken to hang, and ends. In milliseconds. It is
 * longer than the time after which the pool kills a process: 20 seconds for each of the 16 files
 * that it may have at once.
 */
const LONGEST_WITHOUT_PROGRESS_MS = 360_000;

/** The activities, bound to this worker's data root, limit and processes. */
export function createFeatureActivities(dependencies: {
  readonly dataRoot: string;
  /** The largest number of pixels that is accepted. */
  readonly pixels: number;
  readonly pool: FeaturePool;
}) {
  return {
    /**
     * Computes the features of a part of one lane. A cancelled attempt returns its place, as one
     * whose time box ends.
     *
     * @remarks Idempotent: resumes from the lane's ledgers.
     * @throws disk_*, `input`. Files without features are ledger lines, not errors.
     */
    featureBatch(input: FeatureBatchInput): Promise<FeatureBatchResult> {
      let counts = { computed: 0, failed: 0 };
      let lastProgressAt = performance.now();
      return withHeartbeat({
        details: () => counts,
        isAlive: () => performance.now() - lastProgressAt < LONGEST_WITHOUT_PROGRESS_MS,
        work: async (signal) => {
          const result = await runFeatureBatch({
            ...dependencies,
            input,
            attempt: Context.current().info.attempt,
            signal,
            onProgress: (latest) => {
              counts = { ...latest };
              lastProgressAt = performance.now();
            },
          });
          log.info('batch of features ended', { ...counts, isLaneDone: result.place === null });
          return result;
        },
      });
    },
  };
}

export type FeatureActivities = ReturnType<typeof createFeatureActivities>;
