/** The five task queues. Each has one kind of work. */
export interface TaskQueues {
  /** Workflows, which do no I/O. */
  readonly pipeline: string;
  /** Parsing the catalog, planning, reading plan pages, writing run records. */
  readonly plan: string;
  /** Download batches: network and disk only, never the database. */
  readonly download: string;
  /** Batches of features: CPU and disk only, never the database. */
  readonly features: string;
  /** The only writer of the warehouse: one slot, one worker. */
  readonly warehouse: string;
}

export type QueueName = keyof TaskQueues;

/** The default of ARTEMIS_QUEUE_PREFIX. */
export const DEFAULT_QUEUE_PREFIX = 'artemis';

/** All queue names, in the order in which help texts list them. */
export const QUEUE_NAMES: readonly QueueName[] = [
  'pipeline',
  'plan',
  'download',
  'features',
  'warehouse',
];

/**
 * The queue names for a prefix. One namespace may serve several data roots when their prefixes
 * differ.
 */
export function taskQueues(prefix: string): TaskQueues {
  return {
    pipeline: `${prefix}-pipeline`,
    plan: `${prefix}-plan`,
    download: `${prefix}-download`,
    features: `${prefix}-features`,
    warehouse: `${prefix}-warehouse`,
  };
}

/**
 * The other queues of the same installation, derived from the workflow's own queue, because
 * workflows cannot read configuration.
 */
export function taskQueuesBeside(pipelineQueue: string): TaskQueues {
  return taskQueues(queuePrefixOf(pipelineQueue));
}

export function queuePrefixOf(pipelineQueue: string): string {
  return pipelineQueue.replace(/-pipeline$/, '');
}
