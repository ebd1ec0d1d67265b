/** The four task queues; each has one kind of duty. */
export interface TaskQueues {
  /** Workflows, no I/O. */
  readonly pipeline: string;
  /** Parse the catalog, plan, plan pages, run records. */
  readonly plan: string;
  /** Download batches: network and disk only, never the database. */
  readonly download: string;
  /** The only writer of the warehouse: one slot, one worker. */
  readonly warehouse: string;
}

export type QueueName = keyof TaskQueues;

/** All queue names, in the order in which help texts list them. */
export const QUEUE_NAMES: readonly QueueName[] = ['pipeline', 'plan', 'download', 'warehouse'];

/** Queue names for a prefix: one namespace may serve several data roots when the prefixes differ. */
export function taskQueues(prefix: string): TaskQueues {
  return {
    pipeline: `${prefix}-pipeline`,
    plan: `${prefix}-plan`,
    download: `${prefix}-download`,
    warehouse: `${prefix}-warehouse`,
  };
}

/** The other queues of the same installation, told from the workflow's own queue (workflows cannot read configuration). */
export function taskQueuesBeside(pipelineQueue: string): TaskQueues {
  return taskQueues(pipelineQueue.replace(/-pipeline$/, ''));
}
