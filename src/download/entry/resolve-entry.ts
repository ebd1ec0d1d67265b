/**
 * Works on one plan entry until it is resolved or left for the lane's next batch: attempts,
 * backoff, waits and outages of its host.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { PlanEntry } from '../../contract/plan-entry';
import type { AttemptHistory } from '../../files/ledger/attempt-journal';
import { FetchFailure } from '../../http/failures/fetch-failure';
import type { FetchTrace } from '../../http/fetch-to-file';
import { blockPageKey } from '../hosts/network/block-pages';
import { HostDeferred, HostGivenUp, PermitWithdrawn } from '../hosts/host-unavailable';
import type { Hosts } from '../hosts/hosts';
import type { Requester } from '../hosts/requester';
import type { FailureWindow } from '../hosts/outages/failure-window';
import type { Slots } from '../slots';
import type { Resolution, Resolved } from './entry-result';
import { historyAfterFailure, failedResult, lastAnswerOf } from './failure-history';
import { retryDelayMs } from './retry-delay';
import { tryEntry, type EntryTools } from './try-entry';

/** How often a wait checks whether the batch ends. In milliseconds. */
const CHECK_MS = 200;

/** Attempts at an answer that is not HTTP. It may have been damaged on its way, once. */
const ATTEMPTS_AT_NO_HTTP = 2;

/** An image that its server wants to prepare for longer is left for a later run. */
const LONGEST_OWN_WAIT_MS = 60_000;

export interface EntryRun {
  readonly tools: EntryTools;
  readonly hosts: Hosts;
  readonly slots: Slots;
  /**
   * The number of the entry in its lane. It distinguishes the images whose failures indicate an
   * outage.
   */
  readonly entry: number;
  /**
   * The number of attempts at one image. Redirects, waits that a host asked for, and outages do not
   * count.
   */
  readonly attempts: number;
  /** What earlier batches recorded about the entry. */
  readonly history: AttemptHistory;
  /** Records the result of a failed attempt for later batches. */
  readonly onFailure: (history: AttemptHistory) => void;
  /** An attempt has ended. */
  readonly onProgress: () => void;
  readonly signal: AbortSignal;
}

/** Mutable state, one object per entry. */
interface Attempts {
  readonly trace: FetchTrace;
  history: AttemptHistory;
  /**
   * The windows of each failed attempt of this batch. The attempt counts unless one of its windows
   * is an outage.
   */
  readonly failed: (readonly FailureWindow[])[];
  /** The requester of the last attempt. */
  requester: Requester;
}

/** @throws StepError disk_*; the signal's reason. */
export async function resolveEntry(run: EntryRun, entry: PlanEntry): Promise<Resolution> {
  const attempts: Attempts = {
    trace: { requests: 0, answer: null },
    history: run.history,
    failed: [],
    requester: run.hosts.requester(null),
  };
  for (;;) {
    try {
      return await attemptEntry(run, entry, attempts);
    } catch (error) {
      if (run.signal.aborted || mustPropagate(error)) throw error;
      const resolution = await resolveAfterError(run, attempts, error);
      if (resolution !== null) return resolution;
    }
  }
}

/**
 * No request is sent, because handling the answer kills the process. Only a person can start
 * another attempt (`select: failed`).
 */
export function poisonedEntry(how: string): Resolved {
  const detail = `the process that worked on it, and on nothing else, died again and again (${how})`;
  return {
    result: { kind: 'failed', code: 'poison', retryable: false, detail },
    trace: { requests: 0, answer: null },
  };
}

async function attemptEntry(
  run: EntryRun,
  entry: PlanEntry,
  attempts: Attempts,
): Promise<Resolved> {
  const isFirst = countedAttempts(attempts) === 0 && attempts.failed.length === 0;
  const requester = run.hosts.requester(isFirst ? String(run.entry) : null);
  attempts.requester = requester;
  const { trace } = attempts;
  trace.answer = null;
  const client = { ...run.tools.client, hosts: run.hosts.accessFor(requester) };
  try {
    const result = await tryEntry(run.tools, entry, { client, trace, signal: run.signal });
    run.hosts.notePage(requester, null);
    return { result, trace };
  } catch (error) {
    if (error instanceof FetchFailure && hasAnswer(attempts))
      run.hosts.notePage(requester, portalPageKey(error, attempts));
    throw error;
  } finally {
    run.hosts.endTrial(requester);
    run.onProgress();
  }
}

function hasAnswer({ trace }: Attempts): boolean {
  return trace.answer !== null;
}

function mustPropagate(error: unknown): boolean {
  return !(
    error instanceof FetchFailure ||
    error instanceof HostDeferred ||
    error instanceof HostGivenUp ||
    error instanceof PermitWithdrawn
  );
}

/** @returns null when the entry must be tried again. */
async function resolveAfterError(
  run: EntryRun,
  attempts: Attempts,
  error: unknown,
): Promise<Resolution | null> {
  if (error instanceof PermitWithdrawn) return null;
  if (error instanceof HostDeferred) {
    recordFailure(run, attempts);
    return 'deferred';
  }
  if (error instanceof HostGivenUp) return failedResolution(attempts, error);
  const failure = error as FetchFailure;
  attempts.history = historyAfterFailure(attempts.history, failure, attempts.trace.answer);
  if (!failure.isTransient) {
    const page = portalPageKey(failure, attempts);
    // The page may come from the network. Then the image is requested again when the network is
    // usable.
    return page !== null && (await run.hosts.isBlockPage(page))
      ? null
      : failedResolution(attempts, null);
  }
  // A later run asks for it.
  if ((failure.notBeforeMs ?? 0) > LONGEST_OWN_WAIT_MS) return failedResolution(attempts, null);
  // Otherwise the host's limiter delays all requests until the time that the host named.
  if (failure.retryAfterMs === null) attempts.failed.push(attempts.requester.windows);
  recordFailure(run, attempts);
  if (failure.retryAfterMs !== null || isHostDown(attempts)) return null;
  try {
    await waitUntilCauseIsKnown(run, attempts, failure);
  } catch (reason) {
    if (!(reason instanceof HostDeferred)) throw reason;
    recordFailure(run, attempts);
    return 'deferred';
  }
  return countedAttempts(attempts) >= mostAttempts(run, failure)
    ? failedResolution(attempts, null)
    : null;
}

/** The entry waits for its host like all others, and may become the probe. */
function isHostDown({ requester: { host, isUnconnected } }: Attempts): boolean {
  return isUnconnected && host?.breaker.isClosed() === false;
}

/**
 * Backs off. In the meantime it is determined whether the failure is the image's own.
 *
 * @throws {HostDeferred}
 */
async function waitUntilCauseIsKnown(
  run: EntryRun,
  attempts: Attempts,
  failure: FetchFailure,
): Promise<void> {
  const { slots, signal } = run;
  const { host, windows } = attempts.requester;
  if (host !== null && !host.isAlive()) {
    // The host has not answered yet. Its first contact decides when it is tried again, and for
    // which image.
    const isSpent = countedAttempts(attempts) >= mostAttempts(run, failure);
    if (isSpent) await slots.releaseWhile(() => host.firstContact.waitForVerdict());
    if (isSpent && run.hosts.isLeaving()) throw new HostDeferred('the batch ends');
    return;
  }
  // One decided window, of the host or of the network, is enough.
  const isUndecided = (): boolean =>
    windows.every(({ verdict }) => verdict !== 'outage') &&
    windows.some((window) => window.isUndecided());
  await slots.releaseWhile(async () => {
    await delay(retryDelayMs(attempts.failed.length), undefined, { signal });
    await waitUntilAllowed(run, failure);
    while (isUndecided()) {
      if (run.hosts.isLeaving()) throw new HostDeferred('the batch ends');
      await delay(CHECK_MS, undefined, { signal });
    }
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

/** @returns the key of a page that a captive portal may have sent, or null. */
function portalPageKey(failure: FetchFailure, { requester, trace }: Attempts): string | null {
  const { first, host } = requester;
  const location = trace.answer?.location ?? null;
  // The address of a portal itself is usually a private one.
  if (failure.code === 'blocked_address')
    return location === null ? null : `to ${hostOfLocation(location)}`;
  if (failure.body === null) return null;
  const hosts = [first, host].flatMap((one) => (one === null ? [] : [one.name]));
  return blockPageKey(failure.body, { status: trace.answer?.status ?? 0, hosts });
}

function hostOfLocation(location: string): string {
  return URL.canParse(location) ? new URL(location).host : '';
}

function mostAttempts({ attempts }: EntryRun, { code }: FetchFailure): number {
  return code === 'protocol' ? Math.min(ATTEMPTS_AT_NO_HTTP, attempts) : attempts;
}

/** The attempts that count. Those whose cause is still unknown count for now. */
function countedAttempts({ history, failed }: Attempts): number {
  const counting = failed.filter((windows) => windows.every(({ verdict }) => verdict !== 'outage'));
  return history.attempts + counting.length;
}

/**
 * `history.attempts` are the attempts of earlier batches. The recorded number includes those of
 * this batch.
 */
function recordFailure(run: EntryRun, attempts: Attempts): void {
  const { history } = attempts;
  if (history.answered === null && history.unanswered === null) return;
  run.onFailure({ ...history, attempts: countedAttempts(attempts) });
}

function failedResolution({ history, trace }: Attempts, givenUp: HostGivenUp | null): Resolved {
  return {
    result: failedResult(history, givenUp),
    trace: { requests: trace.requests, answer: lastAnswerOf(history) ?? trace.answer },
  };
}
