/**
 * Starts the workers of this process: it connects, takes the writer lock, and creates the workers.
 * workers/plan-workers.ts decides which workers there are.
 */
import fs from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker, type WorkerOptions } from '@temporalio/worker';
import { failureInterceptor } from '../activities/interceptors/failure-interceptor';
import { resetInterceptor } from '../activities/interceptors/reset-interceptor';
import { logInterceptor } from '../activities/interceptors/log-interceptor';
import { rootInterceptor } from '../activities/interceptors/root-interceptor';
import { createBatchSlots } from './batch-slots';
import { HEARTBEAT_THROTTLE_MS } from '../contract/batch-timing';
import type { QueueName } from '../contract/task-queues';
import { lowerPriority } from './background-priority';
import { openIdentity } from '../files/identity';
import { builtFile } from '../files/process/built-file';
import { PreparedProcesses } from '../processes/prepared-processes';
import { connectNative } from '../server/native-connection';
import { endRuntime, installRuntime } from '../telemetry/install-runtime';
import { releaseAll, runAll, type Release } from './stop-workers';
import { planWorkers, type PlannedWorker } from './plan-workers';
import type { Binding, WorkersOptions } from './worker-binding';

export interface RunningWorkers {
  /**
   * Resolves when all workers have drained. Rejects when one broke or did not end in time, and then
   * the process must end.
   */
  readonly ended: Promise<void>;
  /** Drains the workers: running activities hand over or finish. */
  stop(): void;
}

/**
 * Starts the workers for `queues` and returns when all of them poll. The warehouse worker takes the
 * writer lock first, and waits as a standby while another one has it.
 *
 * @throws TemporalUnreachable; StepError disk_* when the data root cannot be used.
 */
export async function startWorkers(options: WorkersOptions): Promise<RunningWorkers> {
  if (options.queues.every((queue) => queue === 'download' || queue === 'features'))
    lowerPriority();
  const identity = await openIdentity(options.config.dataRoot);
  const metrics = installRuntime(options.log, options.config.metricsAddress);
  const native = await connectNative(options.connection, options.client).catch(
    async (error: unknown) => {
      await endRuntime();
      throw error;
    },
  );
  const releases: Release[] = [() => native.close()];
  try {
    const { warehouseId } = identity;
    const prepared = preparedFor(releases);
    const binding = {
      ...options,
      native,
      metrics,
      warehouseId,
      releases,
      prepared,
      whenIngestBegins: [],
    };
    const planned = planWorkers({
      queuePrefix: options.config.queuePrefix,
      queues: options.queues,
      stopSeconds: options.config.stopSeconds,
    });
    const workers = await createWorkers(planned, binding);
    if (options.queues.includes('plan') && options.runBegins !== false)
      prepared.start((await import('../activities/scripts-of-run.js')).scriptsOfOpening());
    return runAll(workers, releases, options.config.stopSeconds);
  } catch (error) {
    await releaseAll(releases);
    throw error;
  }
}

function preparedFor(releases: Release[]): PreparedProcesses {
  const prepared = new PreparedProcesses();
  releases.push(() => {
    prepared.close();
    return Promise.resolve();
  });
  return prepared;
}

/**
 * Creates the workers at the same time, with that of the pipeline first: it starts a thread that
 * loads modules for a third of a second, while this thread creates the others.
 */
async function createWorkers(
  planned: readonly PlannedWorker[],
  binding: Binding,
): Promise<readonly Worker[]> {
  const creating: Promise<Worker>[] = [];
  for (const one of planned) {
    const worker = createWorker(one, binding);
    // It may fail before all are waited for.
    worker.catch(() => undefined);
    creating.push(worker);
    await nextTurn();
  }
  const results = await Promise.allSettled(creating);
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

/** Loads what workers for all queues need, which takes a while, before they are started. */
export async function loadAllQueues(): Promise<void> {
  await import('./plan-options.js');
  await import('./download-options.js');
  await import('./warehouse-options.js');
}

/** The modules of a queue are loaded only where a worker of this process serves it. */
async function queueOptions(queue: QueueName, binding: Binding): Promise<Partial<WorkerOptions>> {
  switch (queue) {
    case 'pipeline':
      return {
        // The build creates the bundle (bin/build.js), because webpack takes two seconds.
        workflowBundle: { code: fs.readFileSync(builtFile('workflow-bundle.js'), 'utf8') },
        maxCachedWorkflows: 100,
      };
    case 'plan':
      return (await import('./plan-options.js')).planOptions(binding);
    case 'download':
      return (await import('./download-options.js')).downloadOptions(binding);
    case 'features':
      return (await import('./feature-options.js')).featureOptions(binding);
    case 'warehouse':
      return (await import('./warehouse-options.js')).warehouseOptions(binding);
  }
}
