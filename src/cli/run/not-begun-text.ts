/**
 * Why a run that was started has not written anything yet, in words, from what Temporal and this
 * machine know. Pure functions.
 */
import { workerCommand } from '../../contract/commands/printed-command';
import type { QueueName } from '../../contract/task-queues';

/**
 * A live worker of a queue. `stoppedPid` is its process, when that runs on this machine and was
 * stopped (SIGSTOP).
 */
export interface WorkerFacts {
  readonly identity: string;
  readonly stoppedPid: number | null;
}

/** What the run waits for before its first record is on disk. */
export interface NotBegunFacts {
  readonly dataRoot: string;
  readonly queuePrefix: string;
  /**
   * The queue of the run's next task: `pipeline` for a workflow task, `plan` for its first
   * activity; null when it waits for neither.
   */
  readonly queue: Extract<QueueName, 'pipeline' | 'plan'> | null;
  readonly taskQueue: string;
  readonly workers: readonly WorkerFacts[];
  /**
   * The failure of the last attempt, and the worker that reported it; null when there was no
   * attempt, or when it was only cut off.
   */
  readonly failure: { readonly message: string; readonly identity: string } | null;
  /** The command that resumes the activity, when an operator has paused it. */
  readonly unpause: string | null;
}

/**
 * Returns the first cause that is found, in an order from what only an operator can remove to what
 * ends without one.
 */
export function notBegunText(facts: NotBegunFacts): string {
  const { queue, taskQueue, dataRoot, workers, failure, unpause } = facts;
  if (queue === null)
    return `The run is under way, but nothing of it is in ${dataRoot}: do the workers use another data root? Start them with the same --data.`;
  const start = workerCommand(queue, facts);
  const stopped = workers.find(({ stoppedPid }) => stoppedPid !== null)?.stoppedPid ?? null;
  if (unpause !== null)
    return `The run has not begun: its first activity is paused by an operator. To resume it: ${unpause}`;
  if (stopped !== null)
    return `The run has not begun: a worker of the queue ${taskQueue}, pid ${stopped}, is stopped. Continue it (kill -CONT ${stopped}) or end it (kill -KILL ${stopped}).`;
  if (workers.length === 0)
    return `The run has not begun: no worker serves the queue ${taskQueue}. Nothing is lost meanwhile. Start one: ${start}`;
  if (failure !== null)
    return `The run has not begun: ${failure.identity || 'a worker'} (<pid>@<host>), of the queue ${taskQueue}, could not continue it: ${failure.message} It is tried again. If that worker is of another build, stop it, and start this build's: ${start}`;
  const names = workers.map(({ identity }) => identity).join(', ');
  return `The run has not begun: it waits for its turn at ${names} (<pid>@<host>), of the queue ${taskQueue}.`;
}
