/** Names the obstacle of a waiting activity from the facts that were found. A pure function. */
import type { FindObstacleInput, Obstacle } from '../contract/obstacle';
import {
  temporalCommand,
  workerCommand,
  type CommandPlace,
} from '../contract/commands/printed-command';
import { shellWord } from '../contract/commands/shell-word';
import { describeHolder, type WriterState } from '../files/process/writer-state';
import { leaseObstacle, type OtherRun } from './lease-obstacle';

/**
 * What Temporal knows about the activity. `waitingSince` is in milliseconds since the epoch, and
 * null unless it waits for the warehouse.
 */
export interface PendingFacts {
  readonly activityId: string;
  readonly workflowId: string;
  readonly isStarted: boolean;
  readonly worker: string | null;
  readonly lastFailure: { readonly code: string; readonly message: string } | null;
  readonly waitingSince: number | null;
  /** The reason that the operator gave who paused the activity; null when it is not paused. */
  readonly pausedBecause: string | null;
}

export interface WaitingFacts {
  readonly input: FindObstacleInput;
  readonly place: CommandPlace;
  readonly pending: PendingFacts;
  /** The identities of live workers of the queue. */
  readonly workers: readonly string[];
  readonly writers: WriterState;
  /** The run that downloads into the data root; null when there is none, or when it is this run. */
  readonly lease: OtherRun | null;
  readonly patienceMs: number;
}

/**
 * Returns the first obstacle that is found. The order is from what only an operator can remove to
 * what resolves on its own.
 */
export function nameObstacle(facts: WaitingFacts): Obstacle {
  const found = [
    pausedObstacle,
    stoppedObstacle,
    unservedObstacle,
    lockedObstacle,
    leasedObstacle,
    failingObstacle,
  ].map((find) => find(facts));
  return found.find((obstacle) => obstacle !== null) ?? busyObstacle(facts);
}

function isWrite({ input }: WaitingFacts): boolean {
  return input.queue === 'warehouse';
}

function pausedObstacle(facts: WaitingFacts): Obstacle | null {
  const { input, pending } = facts;
  const { pausedBecause, isStarted, activityId, workflowId } = pending;
  if (pausedBecause === null || isStarted) return null;
  const why = pausedBecause === '' ? '' : ` (${pausedBecause})`;
  return {
    ...emptyObstacle(facts, 'paused'),
    activityId,
    words: `the activity ${activityId} (${input.activity}) is paused by an operator${why}. Nothing is lost meanwhile. To resume it:`,
    command: temporalCommand(
      `activity unpause --workflow-id ${shellWord(workflowId)} --activity-id ${shellWord(activityId)}`,
      facts.place.server,
    ),
  };
}

function stoppedObstacle(facts: WaitingFacts): Obstacle | null {
  const { writer } = facts.writers;
  if (!isWrite(facts) || writer?.isStopped !== true) return null;
  return {
    ...emptyObstacle(facts, 'stopped'),
    words: `The warehouse worker holds the writer lock but does nothing: ${describeHolder(writer)}. A standby takes over at once when it has ended. Nothing is lost: downloads continue, and everything is committed then.`,
  };
}

function lockedObstacle(facts: WaitingFacts): Obstacle | null {
  const { pending, patienceMs } = facts;
  const words = isWrite(facts) ? lockedText(facts) : null;
  if (words === null) return null;
  const since = pending.waitingSince;
  return {
    ...emptyObstacle(facts, 'locked'),
    code: 'db_locked',
    words,
    lockedSince: since === null ? null : new Date(since).toISOString(),
    parksAt: since === null ? null : new Date(since + patienceMs).toISOString(),
  };
}

/**
 * The text when another program has the warehouse open. DuckDB's own message is used when the
 * writer ran into it, because it also names programs in another container, and programs on systems
 * other than Linux.
 */
function lockedText({ pending, writers: { writer, warehouse } }: WaitingFacts): string | null {
  const other = warehouse !== null && warehouse.pid !== writer?.pid ? warehouse : null;
  const stoppedText = other?.isStopped === true ? ` That program is ${describeHolder(other)}.` : '';
  if (pending.lastFailure?.code === 'db_locked' && (!pending.isStarted || other !== null))
    return `${pending.lastFailure.message}${stoppedText}`;
  if (other === null || pending.isStarted) return null;
  return `Another program has warehouse.duckdb open: ${describeHolder(other)}. Closing it is enough: downloads continue meanwhile, and everything is committed when it has ended.`;
}

/**
 * The code of a batch that must run in a process of its own while all places for such processes are
 * taken. The batch waits, and nothing is wrong with it.
 */
const NO_ROOM_APART = 'no_room_apart';

function failingObstacle(facts: WaitingFacts): Obstacle | null {
  const { isStarted, lastFailure } = facts.pending;
  if (isStarted || lastFailure === null || lastFailure.code === NO_ROOM_APART) return null;
  return {
    ...emptyObstacle(facts, 'failing'),
    code: lastFailure.code,
    words: failingText(facts),
  };
}

/**
 * The SDK's own failure for an activity type that a worker does not have.
 *
 * @see @temporalio/worker 1.24, worker.js
 */
const UNKNOWN_ACTIVITY = 'NotFoundError';

function failingText({ input, place, pending: { lastFailure, worker } }: WaitingFacts): string {
  if (lastFailure?.code !== UNKNOWN_ACTIVITY)
    return `It failed and is retried: ${String(lastFailure?.message)}`;
  return `A worker of another build serves the queue ${input.taskQueue}: ${worker ?? 'it'} (<pid>@<host>) does not know ${input.activity}. Stop it, and start this build's: ${workerCommand(input.queue, place)}. Nothing is lost, and it is retried until a worker knows it.`;
}

/** A worker tries to take the lease once per second, and finds that another run holds it. */
function leasedObstacle({ input, lease, place }: WaitingFacts): Obstacle | null {
  return input.activity !== 'awaitLease' || lease === null ? null : leaseObstacle(lease, place);
}

function unservedObstacle(facts: WaitingFacts): Obstacle | null {
  const { input, place, pending, workers, writers } = facts;
  const isHeld = isWrite(facts) && writers.writer !== null;
  if (pending.isStarted || workers.length > 0 || isHeld) return null;
  return {
    ...emptyObstacle(facts, 'unserved'),
    words: `No worker serves the queue ${input.taskQueue}. Nothing is lost meanwhile. Start one (or all of them, with ${workerCommand('all', place)}):`,
    command: workerCommand(input.queue, place),
  };
}

function busyObstacle(facts: WaitingFacts): Obstacle {
  const { input, pending, workers } = facts;
  const { writer } = facts.writers;
  const worker =
    writer !== null && isWrite(facts)
      ? `the holder of the writer lock, ${describeHolder(writer)}`
      : `the worker ${pending.worker ?? workers.join(', ')}`;
  const words = pending.isStarted
    ? `${input.activity} takes long: ${worker} is processing it.`
    : `${input.activity} waits for its turn: ${worker} is busy with something else.`;
  return { ...emptyObstacle(facts, 'busy'), words };
}

function emptyObstacle({ input: { queue } }: WaitingFacts, kind: Obstacle['kind']): Obstacle {
  return {
    kind,
    queue,
    code: null,
    words: '',
    command: null,
    lockedSince: null,
    parksAt: null,
  };
}
