/** Waits after a failed attempt until it is known whether the failure is the image's own. */
import { setTimeout as delay } from 'node:timers/promises';
import type { FetchFailure } from '../../http/failures/fetch-failure';
import { HostDeferred } from '../hosts/host-unavailable';
import { countedAttempts, mostAttempts, type Attempts, type EntryRun } from './attempts';
import { retryDelayMs } from './retry-delay';

/** How often a wait checks whether the batch ends. In milliseconds. */
const CHECK_MS = 200;

/**
 * After its last attempt an image waits this long at most for other requests of its host, whose
 * failures would show that an outage began. In milliseconds.
 */
const LONGEST_WAIT_FOR_FELLOWS_MS = 5_000;

/** The entry waits for its host like all others, and may become the probe. */
export function isHostDown({ requester: { host, isUnconnected } }: Attempts): boolean {
  return isUnconnected && host?.breaker.isClosed() === false;
}

/**
 * Backs off. In the meantime it is determined whether the failure is the image's own.
 *
 * @throws {HostDeferred}
 */
export async function waitUntilCauseIsKnown(
  run: EntryRun,
  attempts: Attempts,
  failure: FetchFailure,
): Promise<'known' | 'probe'> {
  const { slots, signal } = run;
  const { host, windows } = attempts.requester;
  const isSpent = countedAttempts(attempts) >= mostAttempts(run, failure);
  if (host !== null && !host.isAlive()) {
    // The host has not answered yet. Its first contact decides when it is tried again, and for
    // which image.
    if (isSpent) await slots.releaseWhile(() => host.firstContact.waitForVerdict());
    if (isSpent && run.hosts.isLeaving()) throw new HostDeferred('the batch ends');
    return 'known';
  }
  const until = performance.now() + LONGEST_WAIT_FOR_FELLOWS_MS;
  const mayFellowsDecide = (): boolean =>
    isSpent && host?.isBusy() === true && performance.now() < until;
  // One decided window, of the host or of the network, is enough.
  const isUndecided = (): boolean =>
    windows.every(({ verdict }) => verdict !== 'outage') &&
    windows.some(
      (window) => window.isUndecided() || (window.verdict === 'open' && mayFellowsDecide()),
    );
  return slots.releaseWhile(async () => {
    await delay(retryDelayMs(attempts.failed.length), undefined, { signal });
    await waitUntilAllowed(run, failure);
    while (isUndecided()) {
      if (run.hosts.isLeaving()) throw new HostDeferred('the batch ends');
      if (host?.breaker.claimProbe() === true) return 'probe';
      await delay(CHECK_MS, undefined, { signal });
    }
    return 'known';
  });
}

/**
 * Waits as long as the server asked for before this URL is requested again.
 *
 * @throws {@link HostDeferred}
 */
async function waitUntilAllowed(
  { hosts, signal }: EntryRun,
  { notBeforeMs }: FetchFailure,
): Promise<void> {
  const until = performance.now() + (notBeforeMs ?? 0);
  while (performance.now() < until) {
    if (hosts.isLeaving()) throw new HostDeferred('the batch ends');
    await delay(Math.min(CHECK_MS, until - performance.now()), undefined, { signal });
  }
}
