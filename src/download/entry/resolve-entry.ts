/**
 * Works on one plan entry until it is resolved or left for the lane's next batch: attempts,
 * backoff, waits and outages of its host.
 */
import { hostKey, type PlanEntry } from '../../contract/plan-entry';
import { FetchFailure } from '../../http/failures/fetch-failure';
import { HostDeferred, HostGivenUp, PermitWithdrawn } from '../hosts/host-unavailable';
import { notedRefusal } from '../hosts/outages/refusal';
import {
  asksAlone,
  countedAttempts,
  mostAttempts,
  newAttempts,
  recordFailure,
  type Attempts,
  type EntryRun,
} from './attempts';
import type { Resolution, Resolved } from './entry-result';
import {
  failedResult,
  historyAfterFailure,
  isRepeatedBody,
  lastAnswerOf,
  openFailureOf,
  retryableHistory,
} from './failure-history';
import { isPortalPage, portalPageKey } from './portal-page';
import { tryEntry } from './try-entry';
import { isHostDown, waitUntilCauseIsKnown } from './wait-for-cause';

/** An image that its server wants to prepare for longer is left for a later run. */
const LONGEST_OWN_WAIT_MS = 60_000;

/** @throws StepError disk_*; the signal's reason. */
export async function resolveEntry(run: EntryRun, entry: PlanEntry): Promise<Resolution> {
  const attempts = newAttempts(run, { isSample: false });
  if (resumeRefusal(run, entry, attempts)) {
    const resolution = await resolveRefusal(run, attempts);
    if (resolution !== null) return resolution;
  }
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
 * Asks once for an entry far ahead in the lane, only to find out whether its host refuses
 * everything. What it brings is not kept: the entry has its turn later, with the requests that were
 * sent here.
 *
 * @returns false when no sample is wanted any more.
 * @throws StepError disk_*; the signal's reason.
 */
export async function sampleEntry(run: EntryRun, entry: PlanEntry): Promise<boolean> {
  // An earlier batch asked for it, and counts it.
  if (openFailureOf(run.history) !== null) return true;
  const attempts = newAttempts(run, { isSample: true });
  try {
    const { result } = await attemptEntry(run, entry, attempts);
    if (result.kind === 'stored') result.stored.temp.discard();
  } catch (error) {
    if (run.signal.aborted || mustPropagate(error)) throw error;
    if (!(error instanceof FetchFailure)) return false;
    // Any other failure is found again when the entry has its turn.
    if (attempts.refusal !== null)
      attempts.history = historyAfterFailure(attempts.history, error, attempts.trace.answer);
  }
  recordFailure(run, attempts);
  const { refusal } = attempts;
  if (refusal !== null)
    run.afterSamples(async () => {
      if ((await run.hosts.refusals.verdictOf(refusal)) !== 'outage') return;
      attempts.history = retryableHistory(attempts.history);
      recordFailure(run, attempts);
    });
  return true;
}

/**
 * An earlier batch ended before it was known whether the entry was refused for itself. It is not
 * asked for again until that is known.
 */
function resumeRefusal(run: EntryRun, { url }: PlanEntry, attempts: Attempts): boolean {
  const failure = openFailureOf(attempts.history);
  if (failure === null || !URL.canParse(url)) return false;
  const refusal = notedRefusal(failure.code, failure.message);
  attempts.refusal = run.hosts.refusals.resume(hostKey(new URL(url)), run.entry, refusal);
  if (attempts.refusal === null) attempts.history = retryableHistory(attempts.history);
  return attempts.refusal !== null;
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
  const { isSample } = attempts.requester;
  const image = { entry: run.entry, earlierWaits: attempts.history.waits };
  const key = isFirst && !isSample ? String(run.entry) : null;
  const requester = run.hosts.requester(image, { key, isSample });
  attempts.requester = requester;
  attempts.refusal = null;
  const { trace } = attempts;
  trace.answer = null;
  const client = { ...run.tools.client, hosts: run.hosts.accessFor(requester) };
  try {
    const { history } = attempts;
    const result = await tryEntry(run.tools, entry, { client, trace, history, signal: run.signal });
    run.hosts.notePage(requester, null);
    run.hosts.refusals.noteResult(requester, run.entry, { answer: trace.answer, failure: null });
    return { result, trace };
  } catch (error) {
    if (error instanceof FetchFailure && !run.signal.aborted) {
      if (attempts.trace.answer !== null)
        run.hosts.notePage(requester, portalPageKey(error, requester, trace.answer));
      const outcome = { answer: trace.answer, failure: error };
      attempts.refusal = run.hosts.refusals.noteResult(requester, run.entry, outcome);
    }
    throw error;
  } finally {
    run.hosts.endAttempt(requester);
    run.onProgress();
  }
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
  const { requester, trace } = attempts;
  // Then it is no answer about the image, which is requested again when the network is usable.
  if (await isPortalPage(run.hosts, failure, requester, trace.answer)) return null;
  const isRepeated = isRepeatedBody(attempts.history, failure);
  attempts.history = historyAfterFailure(attempts.history, failure, attempts.trace.answer);
  if (!failure.isTransient || isRepeated) return resolveRefusal(run, attempts);
  // A later run asks for it.
  if ((failure.notBeforeMs ?? 0) > LONGEST_OWN_WAIT_MS) return failedResolution(attempts, null);
  // Otherwise the host's limiter delays all requests until the time that the host named.
  if (failure.retryAfterMs !== null) return resolveAfterWait(run, attempts, failure);
  attempts.failed.push(attempts.requester.windows);
  recordFailure(run, attempts);
  if (isHostDown(attempts)) return null;
  try {
    if ((await waitUntilCauseIsKnown(run, attempts, failure)) === 'probe') return null;
  } catch (reason) {
    if (!(reason instanceof HostDeferred)) throw reason;
    recordFailure(run, attempts);
    return 'deferred';
  }
  return countedAttempts(attempts) >= mostAttempts(run, failure)
    ? failedResolution(attempts, null)
    : null;
}

/**
 * The host asked for a wait, which its limiter keeps.
 *
 * @returns null when the entry must be tried again.
 */
function resolveAfterWait(
  run: EntryRun,
  attempts: Attempts,
  { code }: FetchFailure,
): Resolution | null {
  const { history } = attempts;
  attempts.history = { ...history, waits: history.waits + 1 };
  recordFailure(run, attempts);
  if (!asksAlone(attempts)) return null;
  return failedResolution(attempts, new HostGivenUp(code, 'the host asks for patience for it'));
}

/**
 * Waits until it is known whether the failure is the image's own, or its host refuses everything.
 *
 * @returns null when the entry must be tried again, like one whose host is down.
 */
async function resolveRefusal(run: EntryRun, attempts: Attempts): Promise<Resolution | null> {
  const { refusal } = attempts;
  if (refusal === null || !run.mayWaitForOthers) return failedResolution(attempts, null);
  recordFailure(run, attempts);
  const verdict = await run.slots.releaseWhile(() => run.hosts.refusals.verdictOf(refusal));
  run.signal.throwIfAborted();
  if (verdict === 'own') return failedResolution(attempts, null);
  if (verdict === 'open') return 'deferred';
  attempts.history = retryableHistory(attempts.history);
  recordFailure(run, attempts);
  return null;
}

function failedResolution({ history, trace }: Attempts, givenUp: HostGivenUp | null): Resolved {
  return {
    result: failedResult(history, givenUp),
    trace: { requests: trace.requests, answer: lastAnswerOf(history) ?? trace.answer },
  };
}
