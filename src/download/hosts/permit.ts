/** One request's permit. Its outcome is reported once, to everything that limits its host. */
import type { ImageCode } from '../../contract/outcome';
import type { FetchFailure } from '../../http/failures/fetch-failure';
import type { Permit, RequestOutcome } from '../../http/host-access';
import type { Attempt } from './outages/attempt';
import type { FailureWindow } from './outages/failure-window';
import type { Host } from './host';
import type { Requester } from './requester';
import { interpretOutcome, isWithoutAnswer } from './interpret-outcome';
import type { LimiterPermit } from './limits/limiter';

export interface PermitParts {
  readonly host: Host;
  readonly attempt: Attempt;
  readonly limiter: LimiterPermit;
  readonly requester: Requester;
  readonly url: URL;
  readonly releaseSocket: () => void;
}

/** Reports to what all hosts of the batch share. */
export interface Reporting {
  answered(url: URL): void;
  /** @returns the window of a failure that the network may have caused; null when it did not. */
  failed(host: Host, failure: FetchFailure, startedAt: number): FailureWindow | null;
  waits(host: Host, waitMs: number, code: ImageCode): void;
  /** Closes the host's idle connections, which its limiter does not count. */
  closeIdle(host: Host): void;
}

/** A host that has too many connections ends one at once. In milliseconds. */
const AT_ONCE_MS = 1_000;

/** The host has too many connections. That is not the image's fault, and no outage. */
const TOO_MANY_CONNECTIONS: FailureWindow = { verdict: 'outage', isUndecided: () => false };

export function createPermit(parts: PermitParts, reporting: Reporting): Permit {
  const { attempt, limiter } = parts;
  const startedAt = performance.now();
  let isSent = false;
  return {
    closesConnection: limiter.closesConnection(),
    sent: () => {
      isSent = true;
      limiter.sent();
      attempt.sent();
    },
    answered: () => {
      limiter.answered();
    },
    report: (outcome) => {
      try {
        reportOutcome(parts, reporting, { outcome, startedAt, isSent });
      } finally {
        attempt.reported();
        parts.releaseSocket();
        // Last, so that no request gets the connection before the host's wait is known.
        limiter.release();
      }
    },
  };
}

function reportOutcome(
  { host, attempt, limiter, requester, url }: PermitParts,
  reporting: Reporting,
  {
    outcome,
    startedAt,
    isSent,
  }: { readonly outcome: RequestOutcome; readonly startedAt: number; readonly isSent: boolean },
): void {
  const { isAlive, trouble, retryAfter, overload, isGood } = interpretOutcome(outcome);
  const { failure } = outcome;
  if (failure !== null && failure.probeProxy !== null) {
    // It says nothing about the host.
    const network = reporting.failed(host, failure, startedAt);
    requester.windows = network === null ? [] : [network];
    requester.isUnconnected = false;
    return;
  }
  if (overload !== null) {
    host.rate.refused(startedAt, overload);
    host.shared.refused(startedAt, overload);
  }
  if (retryAfter !== null) {
    const { image } = requester;
    host.limiter.askedToWait({ ...retryAfter, startedAt, image });
    host.shared.askedToWait(retryAfter.waitMs, retryAfter.code);
    if (requester.first?.leadsTo(host.name) === true)
      requester.first.limiter.hold(retryAfter.waitMs, retryAfter.code);
    reporting.waits(host, retryAfter.waitMs, retryAfter.code);
  }
  if (isGood) host.limiter.goodAnswer();
  if (isAlive) reporting.answered(url);
  if (trouble === null || failure === null) {
    if (isAlive) host.answered(attempt);
    return;
  }
  // Before the host's own window, because a host judged by it may ask for the state of the network
  // at once.
  const network = isWithoutAnswer(failure) ? reporting.failed(host, failure, startedAt) : null;
  const own = host.failed(attempt, requester.key, failure, isAlive);
  requester.windows = network === null ? [own] : [own, network];
  requester.isUnconnected = !isSent && host.isAlive();
  if (requester.isUnconnected) host.breaker.noteNoConnection(failure.code);
  if (failure.code !== 'connect' || failure.noRoute || !host.isAlive()) return;
  // A connection that ended after its request may be due to the image if it ends again, and to an
  // outage if it ends late.
  const isLate = performance.now() - startedAt > AT_ONCE_MS;
  const isOther = !requester.isUnconnected && (requester.key === null || isLate);
  if (isOther || !limiter.connectionRefused(!requester.isUnconnected)) return;
  reporting.closeIdle(host);
  if (requester.isUnconnected) requester.windows = [TOO_MANY_CONNECTIONS];
}
