/** Starts the workers of this process: connection → lock → workers. What each is, workers/plan-workers.ts says. */
import { createRequire } from 'node:module';
import { Client } from '@temporalio/client';
import type { NativeConnection, WorkerOptions } from '@temporalio/worker';
import { Worker } from '@temporalio/worker';
import type { Logger } from 'pino';
import { failureInterceptor } from '../activities/interceptors/failure-interceptor';
import { resetInterceptor } from '../activities/interceptors/reset-interceptor';
import { logInterceptor } from '../activities/interceptors/log-interceptor';
import { rootInterceptor } from '../activities/interceptors/root-interceptor';
import { createDownloadActivities } from '../activities/download-activities';
import { createPlanActivities } from '../activities/plan-activities';
import { createWarehouseActivities } from '../activities/warehouse-activities';
import { createBatchSlots } from './batch-slots';
import type { Config } from '../config';
import { HEARTBEAT_THROTTLE_MS } from '../contract/batch-timing';
import type { QueueName } from '../contract/task-queues';
import { createDownloadNetwork } from '../download/hosts/download-network';
import { lowerPriority } from './background-priority';
import { openIdentity } from '../files/identity';
import { describeHolder } from '../files/process/writer-state';
import { createImageChecker } from '../images/image-checker';
import type { ConnectionSettings } from '../server/configured-connection';
import { connectNative } from '../server/connection';
import { createOwnershipQuestions } from '../server/ownership-questions';
import { createWarehouse } from '../warehouse/warehouse';
import { acquireWriterLock } from '../warehouse/writer-lock';
import { installRuntime } from '../telemetry/install-runtime';
import type { Metrics } from '../telemetry/metrics';
import { watchCutOffRuns } from '../maintenance/cut-off-runs';
import { releaseAll, runAll, type Release } from './stop-workers';
import { planWorkers, type PlannedWorker } from './plan-workers';

export interface RunningWorkers {
  /** Resolves when all workers have drained; rejects when one broke, or did not end in time: then the process must end. */
  readonly ended: Promise<void>;
  /** Drains: running activities hand over or finish. */
  stop(): void;
}

export interface WorkersOptions {
  readonly config: Config;
  readonly connection: ConnectionSettings;
  readonly queues: readonly QueueName[];
  readonly log: Logger;
  /** Ends waiting for the writer lock. */
  readonly signal?: AbortSignal;
}

/** How many decoder processes a download worker has: the check is the CPU's share of a download. **Units** processes, ms. */
const DECODERS = 2;
const DECODER_TIMEOUT_MS = 20_000;

/**
 * Starts the workers for `queues` and returns when all of them poll.
 * The warehouse worker takes the writer lock first, and waits as a standby while another has it.
 *
 * **Errors** TemporalUnreachable; StepError disk_* when the data root cannot be used.
 */
export async function startWorkers(options: WorkersOptions): Promise<RunningWorkers> {
  if (options.queues.every((queue) => queue === 'download')) lowerPriority();
  const metrics = installRuntime(options.log, options.config.metricsAddress);
  const identity = await openIdentity(options.config.dataRoot);
  const native = await connectNative(options.connection);
  const releases: Release[] = [() => native.close()];
  try {
    const bind = { ...options, native, metrics, warehouseId: identity.warehouseId, releases };
    const workers: Worker[] = [];
    for (const planned of planWorkers({
      queuePrefix: options.config.queuePrefix,
      queues: options.queues,
      stopSeconds: options.config.stopSeconds,
    })) {
      workers.push(await createWorker(planned, bind));
    }
    return runAll(workers, releases, options.config.stopSeconds);
  } catch (error) {
    await releaseAll(releases);
    throw error;
  }
}

interface Binding extends WorkersOptions {
  readonly native: NativeConnection;
  readonly metrics: Metrics;
  readonly warehouseId: string;
  readonly releases: Release[];
}

async function createWorker(planned: PlannedWorker, bind: Binding): Promise<Worker> {
  const { config, native, warehouseId } = bind;
  const options: WorkerOptions = {
    connection: native,
    namespace: bind.connection.namespace,
    taskQueue: planned.taskQueue,
    shutdownGraceTime: planned.shutdownGraceMs,
    // An activity that ignores its cancellation must not hold the process for ever.
    shutdownForceTime: config.stopSeconds * 1_000,
    maxHeartbeatThrottleInterval: HEARTBEAT_THROTTLE_MS,
    interceptors: {
      // The first is the outermost: what all log is bound before; a refused root becomes a failure like any other.
      activity: [
        logInterceptor,
        (context) => failureInterceptor(context, config.tuning),
        () => rootInterceptor({ dataRoot: config.dataRoot, warehouseId }),
        (context) => resetInterceptor(context, config.dataRoot),
      ],
    },
    ...slotsOf(planned),
    ...(await dutyOf(planned.queue, bind)),
  };
  return Worker.create(options);
}

/** Of the download queue one poll at a time is enough: batches take seconds. */
function slotsOf({ queue, slots }: PlannedWorker): Partial<WorkerOptions> {
  if (slots === 0) return {};
  if (queue !== 'download') return { maxConcurrentActivityTaskExecutions: slots };
  const none = { type: 'fixed-size', numSlots: 1 } as const;
  return {
    activityTaskPollerBehavior: { type: 'simple-maximum', maximum: 1 },
    tuner: {
      activityTaskSlotSupplier: createBatchSlots(slots),
      ...{ workflowTaskSlotSupplier: none, localActivityTaskSlotSupplier: none },
      nexusTaskSlotSupplier: none,
    },
  };
}

async function dutyOf(queue: QueueName, bind: Binding): Promise<Partial<WorkerOptions>> {
  const { config, warehouseId, log, releases, native } = bind;
  switch (queue) {
    case 'pipeline':
      return {
        // Made by the build (bin/build.js): webpack takes two seconds.
        workflowBundle: { codePath: createRequire(__filename).resolve('../workflow-bundle') },
        maxCachedWorkflows: 100,
      };
    case 'plan':
      releases.push(
        watchCutOffRuns({
          root: config.dataRoot,
          client: new Client({ connection: native, namespace: bind.connection.namespace }),
          log,
        }),
      );
      return { activities: createPlanActivities({ config, warehouseId }) };
    case 'download':
      return downloadDuty(bind);
    case 'warehouse': {
      await takeWriterLock(bind);
      const warehouse = createWarehouse({
        dataRoot: config.dataRoot,
        database: config.database,
        log,
      });
      return { activities: createWarehouseActivities(warehouse, bind.metrics) };
    }
  }
}

function downloadDuty(bind: Binding): Partial<WorkerOptions> {
  const { config, log, releases } = bind;
  const checker = createImageChecker({ processes: DECODERS, timeoutMs: DECODER_TIMEOUT_MS });
  const ownership = createOwnershipQuestions(bind.connection);
  const network = createDownloadNetwork({
    warn: (text) => {
      log.warn(text);
    },
  });
  releases.push(
    () => checker.close(),
    () => ownership.close(),
    () => {
      network.close();
      return Promise.resolve();
    },
  );
  return {
    activities: createDownloadActivities({
      dataRoot: config.dataRoot,
      config: config.download,
      checker,
      ownership,
      network,
      metrics: bind.metrics,
    }),
  };
}

async function takeWriterLock({ config, log, releases, signal }: Binding): Promise<void> {
  const waitedFor: number[] = [];
  const lock = await acquireWriterLock({
    dataRoot: config.dataRoot,
    onWaiting: (holder) => {
      waitedFor.push(holder.pid);
      log.warn(
        { holder },
        `standing by: another warehouse worker holds the writer lock, ${describeHolder(holder)}`,
      );
    },
    signal: signal ?? new AbortController().signal,
  });
  if (waitedFor.length > 0) log.info('the writer lock is ours now: taking over');
  releases.push(() => lock.release());
}
