/** Decides which workers a process runs. It is a pure function of the configuration. */
import type { QueueName, TaskQueues } from '../contract/task-queues';
import { QUEUE_NAMES, taskQueues } from '../contract/task-queues';
import { FEATURE_SLOTS } from '../features/feature-slots';

/** One worker of this process. `slots` is the number of activities at once. */
export interface PlannedWorker {
  readonly queue: QueueName;
  readonly taskQueue: string;
  readonly slots: number;
  /**
   * How long running activities may continue after a shutdown request before they are cancelled. In
   * milliseconds.
   */
  readonly shutdownGraceMs: number;
}

/** The most batches that a download worker runs at once. The window of lanes is twice as wide. */
const DOWNLOAD_SLOTS = 16;

/** The time limit for one image in a process that decodes it, in milliseconds. */
export const IMAGE_TIMEOUT_MS = 20_000;

/** Parsing and planning run in child processes, and records are small. */
const PLAN_SLOTS = 8;

/**
 * The share of the time to stop that a running write gets before it is cancelled. The rest is left
 * for the end of the process.
 */
const WRITE_SHARE = 2 / 3;

/**
 * The workers for the chosen queues. The warehouse has one slot, because only one process may write
 * to DuckDB, and that process makes one write at a time. Download workers hand over at once (grace
 * 0), while a commit may take its time to finish.
 */
export function planWorkers(options: {
  readonly queuePrefix: string;
  readonly queues: readonly QueueName[];
  /** The time in seconds after which all workers have ended. */
  readonly stopSeconds: number;
}): readonly PlannedWorker[] {
  const names: TaskQueues = taskQueues(options.queuePrefix);
  const slots: Readonly<Record<QueueName, number>> = {
    pipeline: 0,
    plan: PLAN_SLOTS,
    download: DOWNLOAD_SLOTS,
    features: FEATURE_SLOTS,
    warehouse: 1,
  };
  const graceMs: Readonly<Record<QueueName, number>> = {
    pipeline: 0,
    plan: 0,
    download: 0,
    features: 0,
    warehouse: options.stopSeconds * WRITE_SHARE * 1_000,
  };
  return QUEUE_NAMES.filter((queue) => options.queues.includes(queue)).map((queue) => ({
    queue,
    taskQueue: names[queue],
    slots: slots[queue],
    shutdownGraceMs: graceMs[queue],
  }));
}
