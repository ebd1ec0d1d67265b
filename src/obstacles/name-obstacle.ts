/** From what is seen of a waiting activity to the obstacle that it has, in words: pure. */
import type { FindObstacleInput, Obstacle } from '../contract/obstacle';
import { shellWord } from '../contract/shell-word';
import { describeHolder, type WriterState } from '../files/process/writer-state';
import { leaseObstacle, type OtherRun } from './lease-obstacle';

/** What Temporal knows of the activity. **Units** `waitingSince` ms since the epoch, null unless it waits for the warehouse. */
export interface PendingFacts {
  readonly activityId: string;
  readonly workflowId: string;
  readonly isStarted: boolean;
  readonly worker: string | null;
  readonly lastFailure: { readonly code: string; readonly message: string } | null;
  readonly waitingSince: number | null;
  /** What the operator who paused it gave as the reason; null: it is not paused. */
  readonly pausedBecause: string | null;
}

export interface WaitingFacts {
  readonly input: FindObstacleInput;
  readonly dataRoot: string;
  readonly pending: PendingFacts;
  /** Identities of live workers of the queue. */
  readonly workers: readonly string[];
  readonly writers: WriterState;
  /** Who downloads into the data root; null: nobody, or the run itself. */
  readonly lease: OtherRun | null;
  readonly patienceMs: number;
}

/** The first that is found, from what only a person can clear to what passes by itself. */
export function nameObstacle(facts: WaitingFacts): Obstacle {
  const found = [paused, stopped, unserved, locked, leased, failing].map((see) => see(facts));
  return found.find((obstacle) => obstacle !== null) ?? busy(facts);
}

function isWrite({ input }: WaitingFacts): boolean {
  return input.queue === 'warehouse';
}

function paused(facts: WaitingFacts): Obstacle | null {
  const { input, pending } = facts;
  const { pausedBecause, isStarted, activityId, workflowId } = pending;
  if (pausedBecause === null || isStarted) return null;
  const why = pausedBecause === '' ? '' : ` (${pausedBecause})`;
  return {
    ...of(facts, 'paused'),
    activityId,
    words: `the activity ${activityId} (${input.activity}) is paused by an operator${why}. Nothing is lost meanwhile. Let it go on:`,
    command: `temporal activity unpause --workflow-id ${shellWord(workflowId)} --activity-id ${shellWord(activityId)}`,
  };
}

function stopped(facts: WaitingFacts): Obstacle | null {
  const { writer } = facts.writers;
  if (!isWrite(facts) || writer?.isStopped !== true) return null;
  return {
    ...of(facts, 'stopped'),
    words: `The warehouse worker holds the writer lock but does nothing: ${describeHolder(writer)}. A standby takes over at once when it has ended. Nothing is lost: downloads go on, and all is committed then.`,
  };
}

function locked(facts: WaitingFacts): Obstacle | null {
  const { pending, patienceMs } = facts;
  const words = isWrite(facts) ? lockedWords(facts) : null;
  if (words === null) return null;
  const since = pending.waitingSince;
  return {
    ...of(facts, 'locked'),
    code: 'db_locked',
    words,
    lockedSince: since === null ? null : new Date(since).toISOString(),
    parksAt: since === null ? null : new Date(since + patienceMs).toISOString(),
  };
}

/** DuckDB's own words when the writer ran into it: it knows what is hidden from another container, and off Linux. */
function lockedWords({ pending, writers: { writer, warehouse } }: WaitingFacts): string | null {
  const other = warehouse !== null && warehouse.pid !== writer?.pid ? warehouse : null;
  const stopped = other?.isStopped === true ? ` That program is ${describeHolder(other)}.` : '';
  if (pending.lastFailure?.code === 'db_locked' && (!pending.isStarted || other !== null))
    return `${pending.lastFailure.message}${stopped}`;
  if (other === null || pending.isStarted) return null;
  return `Another program has warehouse.duckdb open: ${describeHolder(other)}. Close it, that is enough: downloads go on meanwhile, and everything is committed when it is gone.`;
}

/** A batch that found no room to run apart: it waits for its turn, and nothing is wrong with it. */
const NO_ROOM_APART = 'no_room_apart';

function failing(facts: WaitingFacts): Obstacle | null {
  const { isStarted, lastFailure } = facts.pending;
  if (isStarted || lastFailure === null || lastFailure.code === NO_ROOM_APART) return null;
  return {
    ...of(facts, 'failing'),
    code: lastFailure.code,
    words: failingWords(facts),
  };
}

/** The SDK's own failure for an activity type that a worker does not have. **Source** @temporalio/worker 1.24, worker.js. */
const UNKNOWN_ACTIVITY = 'NotFoundError';

function failingWords({ input, pending: { lastFailure, worker } }: WaitingFacts): string {
  if (lastFailure?.code !== UNKNOWN_ACTIVITY)
    return `It failed and is tried again: ${String(lastFailure?.message)}`;
  return `A worker of another build serves the queue ${input.taskQueue}: ${worker ?? 'it'} (<pid>@<host>) does not know ${input.activity}. Stop it, and start this build's: artemis-pipeline worker --queues ${input.queue}. Nothing is lost, and it is tried again until a worker knows it.`;
}

/** A worker asks for the lease each second, and is told that another run has it. */
function leased({ input, lease }: WaitingFacts): Obstacle | null {
  return input.activity !== 'awaitLease' || lease === null ? null : leaseObstacle(lease);
}

function unserved(facts: WaitingFacts): Obstacle | null {
  const { input, dataRoot, pending, workers, writers } = facts;
  const isHeld = isWrite(facts) && writers.writer !== null;
  if (pending.isStarted || workers.length > 0 || isHeld) return null;
  return {
    ...of(facts, 'unserved'),
    words: `No worker serves the queue ${input.taskQueue}. Nothing is lost meanwhile. Start one (or all of them, with artemis-pipeline up):`,
    command: `artemis-pipeline worker --queues ${input.queue} --data ${shellWord(dataRoot)}`,
  };
}

function busy(facts: WaitingFacts): Obstacle {
  const { input, pending, workers } = facts;
  const { writer } = facts.writers;
  const who =
    writer !== null && isWrite(facts)
      ? `the holder of the writer lock, ${describeHolder(writer)}`
      : `the worker ${pending.worker ?? workers.join(', ')}`;
  const words = pending.isStarted
    ? `${input.activity} takes long: ${who} is at work on it.`
    : `${input.activity} waits for its turn: ${who} is at work on something else.`;
  return { ...of(facts, 'busy'), words };
}

function of({ input: { queue } }: WaitingFacts, kind: Obstacle['kind']): Obstacle {
  return {
    ...{ kind, queue, code: null, words: '', command: null },
    ...{ lockedSince: null, parksAt: null },
  };
}
