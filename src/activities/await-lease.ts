/**
 * The download lease. Only one run at a time downloads into a data root, so that nothing is fetched
 * twice.
 */
import fs from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { AwaitLeaseInput, AwaitLeaseResult } from '../contract/payloads';
import type { CommandPlace } from '../contract/commands/printed-command';
import { dataRootPaths } from '../files/data-root';
import { hasLedgers } from '../files/ledger/ledger-reader';
import { leaseHolder, takeLease, type LeaseHolder } from '../files/run/lease';
import { isPaused, touchProgress } from '../files/run/run-records';
import { describeIfKnown } from '../server/describe-workflow';
import { leaseObstacle } from '../obstacles/lease-obstacle';
import { withHeartbeat } from './heartbeat';

/** How often the holder of the lease is checked, in milliseconds. */
const CHECK_MS = 1_000;

/**
 * The most activities of a worker that wait at once. A worker has eight slots, and the run that
 * holds the lease needs some of them too.
 */
const MOST_WAITING = 4;

type AwaitLease = (input: AwaitLeaseInput, client: Client) => Promise<AwaitLeaseResult>;

/**
 * Returns when the lease is taken, or when its holder is another run than the one that the caller
 * knows of, so that users can be informed. A holder whose child workflow is closed, or unknown to
 * Temporal, blocks no other run, and nothing has to be released.
 *
 * @throws on cancellation; the errors of Temporal while it does not answer (retried); an
 *   ApplicationFailure `waits` when enough other activities wait (retried).
 */
export function createAwaitLease(place: CommandPlace): AwaitLease {
  let waiting = 0;
  return async (input, client) => {
    const tryOnce = (): Promise<AwaitLeaseResult | null> => tryToTake(place, input, client);
    const first = await tryOnce();
    if (first !== null) return first;
    if (waiting >= MOST_WAITING) throw tooManyWait(input);
    waiting += 1;
    try {
      return await withHeartbeat({
        work: (signal) => tryUntilTaken(tryOnce, signal),
      });
    } finally {
      waiting -= 1;
    }
  };
}

async function tryUntilTaken(
  tryOnce: () => Promise<AwaitLeaseResult | null>,
  signal: AbortSignal,
): Promise<AwaitLeaseResult> {
  for (;;) {
    await delay(CHECK_MS, undefined, { signal });
    const result = await tryOnce();
    if (result !== null) return result;
  }
}

/** @returns null when the holder is the run that the caller knows of. */
async function tryToTake(
  place: CommandPlace,
  { runId, childWorkflowId, knownHolder }: AwaitLeaseInput,
  client: Client,
): Promise<AwaitLeaseResult | null> {
  const { dataRoot } = place;
  const holder = leaseHolder(dataRoot);
  if (holder?.runId === runId) return taken(dataRoot);
  if (holder === null || !(await isDownloading(client, holder, childWorkflowId))) {
    // Another run may take the lease first. The next check finds out which one has it.
    return takeLease(dataRoot, holder, { runId, childWorkflowId }) ? taken(dataRoot) : null;
  }
  // The progress record does not change while the run waits. Its time of modification shows that
  // the run is still active.
  touchProgress({ root: dataRoot, runId, now: new Date() });
  if (holder.runId === knownHolder) return null;
  const other = { ...holder, isPaused: isPaused({ root: dataRoot, runId: holder.runId }) };
  return { holder: holder.runId, obstacle: leaseObstacle(other, place) };
}

/** Ledgers without a warehouse are recovered, and so is a data root without either. */
function taken(dataRoot: string): AwaitLeaseResult {
  const isFirst = fs.existsSync(dataRootPaths(dataRoot).warehouse) && !hasLedgers(dataRoot);
  return { holder: null, obstacle: null, isFirst };
}

async function isDownloading(client: Client, holder: LeaseHolder, ownId: string): Promise<boolean> {
  // This workflow has the id now, so the run that held the lease under it is closed.
  if (holder.childWorkflowId === ownId || holder.childWorkflowId === '') return false;
  const child = await describeIfKnown(client, holder.childWorkflowId);
  return child?.status.name === 'RUNNING';
}

/** Not a failure of the activity. Between two attempts it occupies no slot. */
function tooManyWait({ knownHolder }: AwaitLeaseInput): ApplicationFailure {
  return ApplicationFailure.create({
    type: 'waits',
    message: `The run ${String(knownHolder)} downloads into this data root, and enough others wait for it here. Asked again in a few seconds.`,
    nextRetryDelay: '5s',
  });
}
