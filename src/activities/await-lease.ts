/** The download lease: one run at a time downloads into a data root, so that nothing is fetched twice. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { AwaitLeaseInput, AwaitLeaseResult } from '../contract/payloads';
import { leaseHolder, takeLease, type LeaseHolder } from '../files/run/lease';
import { isPaused, touchProgress } from '../files/run/run-records';
import { describeIfKnown } from '../server/describe-workflow';
import { leaseObstacle } from '../obstacles/lease-obstacle';
import { withHeartbeat } from './heartbeat';

/** **Units** ms between two looks at the holder. */
const LOOK_MS = 1_000;

/** Of a worker's eight slots: the run that is waited for needs some, too. */
const MOST_WAITING = 4;

const TAKEN: AwaitLeaseResult = { holder: null, obstacle: null };

type AwaitLease = (input: AwaitLeaseInput, client: Client) => Promise<AwaitLeaseResult>;

/**
 * Returns when the lease is taken, or when another run has it than the caller knows of, so that people can be told.
 * A holder whose child workflow is closed, or unknown to Temporal, blocks nobody; there is nothing to release.
 *
 * **Errors** cancellation; Temporal's own while it cannot be asked (retried); `waits` where enough others wait (retried).
 */
export function createAwaitLease(dataRoot: string): AwaitLease {
  let waiting = 0;
  return async (input, client) => {
    const look = (): Promise<AwaitLeaseResult | null> => tryToTake(dataRoot, input, client);
    const first = await look();
    if (first !== null) return first;
    if (waiting >= MOST_WAITING) throw enoughWait(input);
    waiting += 1;
    try {
      return await withHeartbeat({
        details: () => ({}),
        work: (signal) => lookUntil(look, signal),
      });
    } finally {
      waiting -= 1;
    }
  };
}

async function lookUntil(
  look: () => Promise<AwaitLeaseResult | null>,
  signal: AbortSignal,
): Promise<AwaitLeaseResult> {
  for (;;) {
    await delay(LOOK_MS, undefined, { signal });
    const result = await look();
    if (result !== null) return result;
  }
}

/** null: the holder is who the caller knows of. */
async function tryToTake(
  dataRoot: string,
  { runId, childWorkflowId, knownHolder }: AwaitLeaseInput,
  client: Client,
): Promise<AwaitLeaseResult | null> {
  const holder = leaseHolder(dataRoot);
  if (holder?.runId === runId) return TAKEN;
  if (holder === null || !(await isDownloading(client, holder, childWorkflowId))) {
    // Somebody may be quicker: the next look sees who.
    return takeLease(dataRoot, holder, { runId, childWorkflowId }) ? TAKEN : null;
  }
  // Its record does not change while it waits: its time says that somebody still works on it.
  touchProgress({ root: dataRoot, runId, now: new Date() });
  if (holder.runId === knownHolder) return null;
  const other = { ...holder, isPaused: isPaused({ root: dataRoot, runId: holder.runId }) };
  return { holder: holder.runId, obstacle: leaseObstacle(other) };
}

async function isDownloading(client: Client, holder: LeaseHolder, ownId: string): Promise<boolean> {
  // The id is mine now: the run that held the lease under it is closed.
  if (holder.childWorkflowId === ownId || holder.childWorkflowId === '') return false;
  const child = await describeIfKnown(client, holder.childWorkflowId);
  return child?.status.name === 'RUNNING';
}

/** Not a failure of its own, and no wait of its own either: between two tries it takes no slot. */
function enoughWait({ knownHolder }: AwaitLeaseInput): ApplicationFailure {
  return ApplicationFailure.create({
    type: 'waits',
    message: `The run ${String(knownHolder)} downloads into this data root, and enough others wait for it here. Asked again in a few seconds.`,
    nextRetryDelay: '5s',
  });
}
