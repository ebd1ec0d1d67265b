/** One plan entry to its end: attempts, backoff, its host's waits and outages; resolved, or left for the lane's next batch. */
import { setTimeout as delay } from 'node:timers/promises';
import type { PlanEntry } from '../../contract/plan-entry';
import type { AttemptHistory } from '../../files/ledger/attempt-journal';
import { FetchFailure } from '../../http/fetch-failure';
import type { FetchTrace } from '../../http/fetch-to-file';
import { blockPageKey } from '../hosts/network/block-pages';
import { HostDeferred, HostGivenUp, PermitWithdrawn } from '../hosts/host-unavailable';
import type { Hosts } from '../hosts/hosts';
import type { Requester } from '../hosts/requester';
import type { FailureWindow } from '../hosts/outages/failure-window';
import type { Slots } from '../slots';
import type { Resolution, Resolved } from './entry-result';
import { afterFailure, failedResult, lastAnswerOf } from './failure-history';
import { retryDelayMs } from './retry-delay';
import { tryEntry, type EntryTools } from './try-entry';

/** How often a wait checks whether the batch ends. **Units** ms. */
const CHECK_MS = 200;

/** What is no HTTP may have been cut on its way, once. **Units** attempts. */
const ATTEMPTS_AT_NO_HTTP = 2;

export interface EntryRun {
  readonly tools: EntryTools;
  readonly hosts: Hosts;
  readonly slots: Slots;
  /** Which entry of the lane it is: an outage shows in different ones. */
  readonly entry: number;
  /** Attempts at one image; redirects, waits that a host asked for and outages do not count. */
  readonly attempts: number;
  /** What earlier batches noted of it. */
  readonly history: AttemptHistory;
  /** Notes what an attempt came to, for later batches. */
  readonly onFailure: (history: AttemptHistory) => void;
  /** An attempt has ended. */
  readonly onProgress: () => void;
  readonly signal: AbortSignal;
}

/** Mutable, one an entry. */
interface Attempts {
  readonly trace: FetchTrace;
  history: AttemptHistory;
  /** Of each failed attempt of this batch: it counts unless one of its windows is an outage. */
  readonly failed: (readonly FailureWindow[])[];
  /** Who asked the hosts in the last attempt. */
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
      return await attempt(run, entry, attempts);
    } catch (error) {
      if (run.signal.aborted || isForCaller(error)) throw error;
      const resolution = await afterError(run, attempts, error);
      if (resolution !== null) return resolution;
    }
  }
}

/** No request: whatever it is that came for it kills the process. Only a person asks again (`select: failed`). */
export function poisoned(how: string): Resolved {
  const detail = `the process that worked on it, and on nothing else, died again and again (${how})`;
  return {
    result: { kind: 'failed', code: 'poison', retryable: false, detail },
    trace: { requests: 0, answer: null },
  };
}

async function attempt(run: EntryRun, entry: PlanEntry, attempts: Attempts): Promise<Resolved> {
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
      run.hosts.notePage(requester, pageOf(error, attempts));
    throw error;
  } finally {
    run.hosts.endTrial(requester);
    run.onProgress();
  }
}

function hasAnswer({ trace }: Attempts): boolean {
  return trace.answer !== null;
}

function isForCaller(error: unknown): boolean {
  return !(
    error instanceof FetchFailure ||
    error instanceof HostDeferred ||
    error instanceof HostGivenUp ||
    error instanceof PermitWithdrawn
  );
}

/** @returns null when the entry is to be tried again. */
async function afterError(
  run: EntryRun,
  attempts: Attempts,
  error: unknown,
): Promise<Resolution | null> {
  if (error instanceof PermitWithdrawn) return null;
  if (error instanceof HostDeferred) {
    note(run, attempts);
    return 'deferred';
  }
  if (error instanceof HostGivenUp) return failed(attempts, error);
  const failure = error as FetchFailure;
  attempts.history = afterFailure(attempts.history, failure, attempts.trace.answer);
  if (!failure.isTransient) {
    const page = pageOf(failure, attempts);
    // It may be the network's: then the image is asked for again when the network lets it through.
    return page !== null && (await run.hosts.isBlockPage(page)) ? null : failed(attempts, null);
  }
  // The host's limiter holds everybody back until the time that the host named.
  if (failure.retryAfterMs === null) attempts.failed.push(attempts.requester.windows);
  note(run, attempts);
  if (failure.retryAfterMs !== null || isHostDown(attempts)) return null;
  try {
    await untilKnown(run, attempts, failure);
  } catch (reason) {
    if (!(reason instanceof HostDeferred)) throw reason;
    note(run, attempts);
    return 'deferred';
  }
  return countedAttempts(attempts) >= mostAttempts(run, failure) ? failed(attempts, null) : null;
}

/** The host is waited for like everybody's, and the image may be the one that probes it. */
function isHostDown({ requester: { host, isUnconnected } }: Attempts): boolean {
  return isUnconnected && host?.breaker.isClosed() === false;
}

/** Backs off; meanwhile it becomes clear whether the failure is the image's own. @throws {HostDeferred} */
async function untilKnown(run: EntryRun, attempts: Attempts, failure: FetchFailure): Promise<void> {
  const { slots, signal } = run;
  const { host, windows } = attempts.requester;
  if (host !== null && !host.isAlive()) {
    // The host has not answered yet: its first contact says when it is tried again, and by whom.
    const isSpent = countedAttempts(attempts) >= mostAttempts(run, failure);
    if (isSpent) await slots.releaseWhile(() => host.firstContact.settled());
    if (isSpent && run.hosts.isLeaving()) throw new HostDeferred('the batch ends');
    return;
  }
  // Of the host's and the network's windows, one that is decided is enough.
  const isUndecided = (): boolean =>
    windows.every(({ verdict }) => verdict !== 'outage') &&
    windows.some((window) => window.isUndecided());
  await slots.releaseWhile(async () => {
    await delay(retryDelayMs(attempts.failed.length), undefined, { signal });
    while (isUndecided()) {
      if (run.hosts.isLeaving()) throw new HostDeferred('the batch ends');
      await delay(CHECK_MS, undefined, { signal });
    }
  });
}

/** What may be the page of a captive portal; null: it is none. */
function pageOf(failure: FetchFailure, { requester, trace }: Attempts): string | null {
  const { first, host } = requester;
  const location = trace.answer?.location ?? null;
  // A portal's own address is a private one, as a rule.
  if (failure.code === 'blocked_address')
    return location === null ? null : `to ${hostOf(location)}`;
  if (failure.body === null) return null;
  const hosts = [first, host].flatMap((one) => (one === null ? [] : [one.name]));
  return blockPageKey(failure.body, { status: trace.answer?.status ?? 0, hosts });
}

function hostOf(location: string): string {
  return URL.canParse(location) ? new URL(location).host : '';
}

function mostAttempts({ attempts }: EntryRun, { code }: FetchFailure): number {
  return code === 'protocol' ? Math.min(ATTEMPTS_AT_NO_HTTP, attempts) : attempts;
}

/** Attempts that count as far as it is known; those whose cause is still open count. */
function countedAttempts({ history, failed }: Attempts): number {
  const counting = failed.filter((windows) => windows.every(({ verdict }) => verdict !== 'outage'));
  return history.attempts + counting.length;
}

/** `history.attempts` are those of earlier batches: what is noted has this batch's as well. */
function note(run: EntryRun, attempts: Attempts): void {
  const { history } = attempts;
  if (history.answered === null && history.unanswered === null) return;
  run.onFailure({ ...history, attempts: countedAttempts(attempts) });
}

function failed({ history, trace }: Attempts, givenUp: HostGivenUp | null): Resolved {
  return {
    result: failedResult(history, givenUp),
    trace: { requests: trace.requests, answer: lastAnswerOf(history) ?? trace.answer },
  };
}
