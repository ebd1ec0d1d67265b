/** Activities of the queue `artemis-download`: network and disk only, never the database. */
import { Context, log } from '@temporalio/activity';
import type { DownloadConfig } from '../config';
import { BATCH_HEARTBEAT_TIMEOUT_MS, attemptTiming } from '../contract/batch-timing';
import type { DownloadBatchInput, DownloadBatchResult } from '../contract/payloads';
import { withAttemptFence, type OwnershipAnswer } from '../download/attempt-fence';
import { createGuardedBatches } from '../download/isolation/guarded-batch';
import type { BatchWatch } from '../download/batch-watch';
import type { DownloadNetwork } from '../download/hosts/download-network';
import type { ImageChecker } from '../images/image-checker';
import type { Metrics } from '../telemetry/metrics';
import { countersOf } from './interceptors/failure-counters';
import { withHeartbeat } from './heartbeat';

export interface DownloadDependencies {
  readonly dataRoot: string;
  readonly config: DownloadConfig;
  readonly checker: ImageChecker;
  readonly metrics: Metrics;
  readonly ownership: OwnershipSource;
  readonly network: DownloadNetwork;
}

/**
 * Asks the server about an attempt by a heartbeat with these details. Rejects when there is no
 * answer in time.
 */
export interface OwnershipSource {
  ask(taskToken: Uint8Array, details: object): Promise<OwnershipAnswer>;
}

/**
 * The time without progress after which an attempt is considered hung and must end. An image makes
 * no progress for at most its own time limit plus one Retry-After.
 */
function longestWithoutProgressMs(config: DownloadConfig): number {
  return (config.secondsPerFile + 60) * 1_000;
}

/** The download activities, bound to this worker's data root, limits and decoders. */
export function createDownloadActivities(dependencies: DownloadDependencies) {
  const { dataRoot, config, checker, metrics, ownership, network } = dependencies;
  const runBatch = createGuardedBatches();
  return {
    /**
     * Downloads a part of one lane. Each image is saved to a temporary file, verified, linked to
     * its final name and recorded in the ledger. An image that crashes the processes that handle it
     * is identified in a separate process, and fails with `poison`.
     *
     * @remarks Idempotent: the batch resumes from the lane's ledgers, and does not fetch again what
     *   they have settled.
     * @throws StepError disk_*. The batch then stops, and nothing that is half-written counts.
     *   Failures of images are ledger lines, not errors.
     */
    async downloadBatch(input: DownloadBatchInput): Promise<DownloadBatchResult> {
      const context = Context.current();
      const { taskToken, attempt, heartbeatTimeoutMs = BATCH_HEARTBEAT_TIMEOUT_MS } = context.info;
      let counts = { stored: 0, failed: 0 };
      let lastProgressAt = performance.now();
      const isAlive = (): boolean =>
        performance.now() - lastProgressAt < longestWithoutProgressMs(config);
      const ended = metrics.batchBegins();
      const fencing = {
        ask: () => ownership.ask(taskToken, { ...countersOf(context), ...counts }),
        ...attemptTiming(heartbeatTimeoutMs),
        isAlive,
      };
      return withHeartbeat({
        details: () => counts,
        isAlive,
        work: (cancelled) =>
          withAttemptFence({ ...fencing, signal: cancelled }, (fence, signal) =>
            runBatch({
              dataRoot,
              input,
              attempt,
              config,
              checker,
              fence,
              network,
              signal,
              watch: createBatchWatch(metrics),
              onProgress: (latest) => {
                counts = { ...latest };
                lastProgressAt = performance.now();
              },
            }),
          ),
      }).finally(ended);
    },
  };
}

/** Logs one line per batch and one per wait of a host. Images are counted and not logged. */
function createBatchWatch(metrics: Metrics): BatchWatch {
  return {
    settled: metrics.outcome,
    hostWaits: ({ host, waitMs, code, execution }) => {
      metrics.hostWaits(host, waitMs);
      const text = `a host is waited for, ${Math.round(waitMs / 1_000)} s`;
      // At debug level, because every request that was under way in the batch reports the wait.
      log.debug(text, { host, code, execution });
    },
    ended: ({ execution, result: { place, pause, stored, failed } }) => {
      if (pause !== null) log.info('host waits', { ...pause, execution });
      log.info('batch ended', { stored, failed, isLaneDone: place === null, execution });
    },
  };
}

export type DownloadActivities = ReturnType<typeof createDownloadActivities>;
