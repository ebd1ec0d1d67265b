/** Why nothing is seen of a run that was started: from what Temporal and this machine tell to words. Pure. */
import { shellWord } from '../../contract/shell-word';
import type { QueueName } from '../../contract/task-queues';

/** A live worker of a queue. `stoppedPid`: its process, when it is one of this machine that was stopped (SIGSTOP). */
export interface WorkerFacts {
  readonly identity: string;
  readonly stoppedPid: number | null;
}

/** What the run waits for before its first record is on disk. */
export interface NotBegunFacts {
  readonly dataRoot: string;
  /** Of the queue that has its next task: `pipeline` for a decision, `plan` for its first activity; null: it waits for neither. */
  readonly queue: Extract<QueueName, 'pipeline' | 'plan'> | null;
  readonly taskQueue: string;
  readonly workers: readonly WorkerFacts[];
  /** Of the last try, and who said so; null: there was none, or it was only cut off. */
  readonly failure: { readonly message: string; readonly identity: string } | null;
  /** An operator has paused the activity: the command that lets it go on. */
  readonly unpause: string | null;
}

/** The first that is found, from what only a person can clear to what passes by itself. */
export function notBegunText(facts: NotBegunFacts): string {
  const { queue, taskQueue, dataRoot, workers, failure, unpause } = facts;
  if (queue === null)
    return `The run is under way, but nothing of it is in ${dataRoot}: do the workers use another data root? Start them with the same --data.`;
  const start = `artemis-pipeline worker --queues ${queue} --data ${shellWord(dataRoot)}`;
  const stopped = workers.find(({ stoppedPid }) => stoppedPid !== null)?.stoppedPid ?? null;
  if (unpause !== null)
    return `The run has not begun: its first activity is paused by an operator. Let it go on: ${unpause}`;
  if (stopped !== null)
    return `The run has not begun: a worker of the queue ${taskQueue}, pid ${stopped}, is stopped. Continue it (kill -CONT ${stopped}) or end it (kill -KILL ${stopped}).`;
  if (workers.length === 0)
    return `The run has not begun: no worker serves the queue ${taskQueue}. Nothing is lost meanwhile. Start one: ${start}`;
  if (failure !== null)
    return `The run has not begun: ${failure.identity || 'a worker'} (<pid>@<host>), of the queue ${taskQueue}, could not go on with it: ${failure.message} It is tried again. If that worker is of another build, stop it, and start this build's: ${start}`;
  const names = workers.map(({ identity }) => identity).join(', ');
  return `The run has not begun: it waits for its turn at ${names} (<pid>@<host>), of the queue ${taskQueue}.`;
}
