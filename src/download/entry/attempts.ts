/** The attempts at one plan entry, in this batch and in earlier ones. */
import type { AttemptHistory } from '../../files/ledger/attempt-journal';
import type { FetchFailure } from '../../http/failures/fetch-failure';
import type { FetchTrace } from '../../http/fetch-to-file';
import type { Hosts } from '../hosts/hosts';
import type { FailureWindow } from '../hosts/outages/failure-window';
import type { RefusalWindow } from '../hosts/outages/refusals';
import type { Requester } from '../hosts/requester';
import type { Slots } from '../slots';
import type { EntryTools } from './try-entry';

/** Attempts at an answer that is not HTTP. It may have been damaged on its way, once. */
const ATTEMPTS_AT_NO_HTTP = 2;

/** What resolving an entry needs from its batch. */
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
  /** False where each entry must end before the next one begins. */
  readonly mayWaitForOthers: boolean;
  /** What earlier batches recorded about the entry. */
  readonly history: AttemptHistory;
  /** Does this when all samples have been asked for, before the batch ends. */
  readonly afterSamples: (work: () => Promise<void>) => void;
  /** Records the result of a failed attempt for later batches. */
  readonly onFailure: (history: AttemptHistory) => void;
  /** An attempt has ended. */
  readonly onProgress: () => void;
  readonly signal: AbortSignal;
}

/** Mutable state, one object per entry. */
export interface Attempts {
  readonly trace: FetchTrace;
  history: AttemptHistory;
  /**
   * The windows of each failed attempt of this batch. The attempt counts unless one of its windows
   * is an outage.
   */
  readonly failed: (readonly FailureWindow[])[];
  /** The requester of the last attempt. */
  requester: Requester;
  /** Decides about the refusal that the last attempt got; null without one. */
  refusal: RefusalWindow | null;
}

export function newAttempts(run: EntryRun, { isSample }: { readonly isSample: boolean }): Attempts {
  const image = { entry: run.entry, earlierWaits: run.history.waits };
  return {
    trace: { requests: run.history.requests, answer: null },
    history: run.history,
    failed: [],
    requester: run.hosts.requester(image, { key: null, isSample }),
    refusal: null,
  };
}

export function mostAttempts({ attempts }: EntryRun, { code }: FetchFailure): number {
  return code === 'protocol' ? Math.min(ATTEMPTS_AT_NO_HTTP, attempts) : attempts;
}

/** The attempts that count. Those whose cause is still unknown count for now. */
export function countedAttempts({ history, failed }: Attempts): number {
  const counting = failed.filter((windows) => windows.every(({ verdict }) => verdict !== 'outage'));
  return history.attempts + counting.length;
}

/**
 * An image fails after this number of answers that asked for a wait (Retry-After), even if the host
 * answered other images in between.
 */
const MOST_OWN_WAITS = 10;

/**
 * Whether the last answer asked for a wait that concerns this image only. Other images of the host
 * are requested then, and this one by a later run.
 */
export function asksAlone({ history, requester: { host } }: Attempts): boolean {
  return host?.limiter.isOnlyAsker(history.waits) === true || history.waits >= MOST_OWN_WAITS;
}

/**
 * `history.attempts` are the attempts of earlier batches. The recorded number includes those of
 * this batch.
 */
export function recordFailure(run: EntryRun, attempts: Attempts): void {
  const { history, trace } = attempts;
  const { requests } = trace;
  if (history.answered === null && history.unanswered === null && requests === 0) return;
  run.onFailure({ ...history, attempts: countedAttempts(attempts), requests });
}
