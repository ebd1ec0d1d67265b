/**
 * Starts the workers of this process: connection → lock → workers. workers/plan-workers.ts decides
 * which workers there are.
 */
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
import { createFeatureActivities } from '../activities/feature-activities';
import { createPlanActivities } from '../activities/plan-activities';
import { createWarehouseActivities } from '../activities/warehouse-activities';
import { createBatchSlots } from './batch-slots';
import type { Config } from '../config';
import { HEARTBEAT_THROTTLE_MS } from '../contract/batch-timing';
import { serverForOthers } from '../contract/commands/printed-command';
import type { QueueName } from '../contract/task-queues';
import { createDownloadNetwork } from '../download/hosts/download-network';
import { lowerPriority } from './background-priority';
import { createFeaturePool } from '../features/feature-pool';
import { openIdentity } from '../files/identity';
import { describeHolder } from '../files/process/writer-state';
import { createImageChecker } from '../images/image-checker';
import type { ConnectionSettings } from '../server/configured-connection';
import { connectNative } from '../server/connection';
import { createOwnershipQuestions } from '../server/ownership-questions';
import { PreparedProcesses } from '../processes/prepared-processes';
import { createWarehouse } from '../warehouse/warehouse';
import { acquireWriterLock } from '../warehouse/writer-lock';
import { installRuntime } from '../telemetry/install-runtime';
import type { Metrics } from '../telemetry/metrics';
import { watchCutOffRuns } from '../maintenance/cut-off-runs';
import { releaseAll, runAll, type Release } from './stop-workers';
import { FEATURE_SLOTS, planWorkers, type PlannedWorker } from './plan-workers';

export interface RunningWorkers {
  /**
   * Resolves when all workers have drained. Rejects when one broke or did not end in time, and then
   * the process must end.
   */
  readonly ended: Promise<void>;
  /** Drains the workers: running activities hand over or finish. */
  stop(): void;
}

export interface WorkersOptions {
  readonly config: Config;
  readonly connection: ConnectionSettings;
  readonly queues: readonly QueueName[];
  readonly log: Logger;
  /** Ends the wait for the writer lock. */
  readonly signal?: AbortSignal;
}

/**
 * The number of decoder processes of a download worker, which do most of a download's CPU work, and
 * the time limit for one image in milliseconds.
 */
const DECODERS = 2;
const DECODER_TIMEOUT_MS = 20_000;

/**
 * Starts the workers for `queues` and returns when all of them poll. The warehouse worker takes the
 * writer lock first, and waits as a standby while another one has it.
 *
 * @throws TemporalUnreachable; StepError disk_* when the data root cannot be used.
 */
export async function startWorkers(options: WorkersOptions): Promise<RunningWorkers> {
  if (options.queues.every((queue) => queue === 'download' || queue === 'features'))
    lowerPriority();
  const metrics = installRuntime(options.log, options.config.metricsAddress);
  const identity = await openIdentity(options.config.dataRoot);
  const native = await connectNative(options.connection);
  const releases: Release[] = [() => native.close()];
  try {
    const binding = { ...options, native, metrics, warehouseId: identity.warehouseId, releases };
    const planned = planWorkers({
      queuePrefix: options.config.queuePrefix,
      queues: options.queues,
      stopSeconds: options.config.stopSeconds,
    });
    const workers = await createWorkers(planned, binding);
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

/**
 * Creates the workers at the same time, because the pipeline's starts a thread that loads modules
 * for half a second.
 */
async function createWorkers(
  planned: readonly PlannedWorker[],
  binding: Binding,
): Promise<readonly Worker[]> {
  const results = await Promise.allSettled(planned.map((one) => createWorker(one, binding)));
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}

async function createWorker(planned: PlannedWorker, binding: Binding): Promise<Worker> {
  const { config, native, warehouseId } = binding;
  const options: WorkerOptions = {
    connection: native,
    namespace: binding.connection.namespace,
    taskQueue: planned.taskQueue,
    shutdownGraceTime: planned.shutdownGraceMs,
    // An activity that ignores its cancellation must not keep the process alive for ever.
    shutdownForceTime: config.stopSeconds * 1_000,
    maxHeartbeatThrottleInterval: HEARTBEAT_THROTTLE_MS,
    interceptors: {
      // The first interceptor is the outermost. It sets the log fields for all others. A refused
      // data root becomes a failure like any other.
      activity: [
        logInterceptor,
        (context) => failureInterceptor(context, config.tuning),
        () => rootInterceptor({ dataRoot: config.dataRoot, warehouseId }),
        (context) => resetInterceptor(context, config.dataRoot),
      ],
    },
    ...slotOptions(planned),
    ...(await queueOptions(planned.queue, binding)),
  };
  return Worker.create(options);
}

/** One poll at a time is enough for the download queue, because batches take seconds. */
function slotOptions({ queue, slots }: PlannedWorker): Partial<WorkerOptions> {
  if (slots === 0) return {};
  if (queue !== 'download') return { maxConcurrentActivityTaskExecutions: slots };
  const noTasks = { type: 'fixed-size', numSlots: 1 } as const;
  return {
    activityTaskPollerBehavior: { type: 'simple-maximum', maximum: 1 },
    tuner: {
      activityTaskSlotSupplier: createBatchSlots(slots),
      workflowTaskSlotSupplier: noTasks,
      localActivityTaskSlotSupplier: noTasks,
      nexusTaskSlotSupplier: noTasks,
    },
  };
}

async function queueOptions(queue: QueueName, binding: Binding): Promise<Partial<WorkerOptions>> {
  const { config, warehouseId, log, releases, native, connection: server } = binding;
  switch (queue) {
    case 'pipeline':
      return {
        // The build creates the bundle (bin/build.js), because webpack takes two seconds.
        workflowBundle: { codePath: createRequire(__filename).resolve('../workflow-bundle') },
        maxCachedWorkflows: 100,
      };
    case 'plan':
      releases.push(
        watchCutOffRuns({
          root: config.dataRoot,
          client: new Client({ connection: native, namespace: server.namespace }),
          log,
        }),
      );
      return {
        activities: createPlanActivities({
          config,
          warehouseId,
          server: serverForOthers(server),
          prepared: prepare(releases),
        }),
      };
    case 'download':
      return downloadOptions(binding);
    case 'features':
      return featureOptions(binding);
    case 'warehouse': {
      await takeWriterLock(binding);
      const warehouse = createWarehouse({
        dataRoot: config.dataRoot,
        database: config.database,
        log,
      });
      return { activities: createWarehouseActivities(warehouse, binding.metrics) };
    }
  }
}

/** A run reads its catalog and plans its downloads soon after a worker for it has started. */
function prepare(releases: Release[]): PreparedProcesses {
  const prepared = new PreparedProcesses([
    'catalog/inspect/inspect-child.js',
    'catalog/catalog-child.js',
    'plan/plan-process.js',
  ]);
  releases.push(() => {
    prepared.close();
    return Promise.resolve();
  });
  return prepared;
}

function downloadOptions(binding: Binding): Partial<WorkerOptions> {
  const { config, log, releases } = binding;
  const checker = createImageChecker({ processes: DECODERS, timeoutMs: DECODER_TIMEOUT_MS });
  const ownership = createOwnershipQuestions(binding.connection);
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
      metrics: binding.metrics,
    }),
  };
}

function featureOptions({ config, releases }: Binding): Partial<WorkerOptions> {
  const pool = createFeaturePool({ processes: FEATURE_SLOTS, timeoutMs: DECODER_TIMEOUT_MS });
  releases.push(() => pool.close());
  const { dataRoot, download } = config;
  return { activities: createFeatureActivities({ dataRoot, pixels: download.pixels, pool }) };
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
