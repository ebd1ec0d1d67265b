/**
 * An image's code is that of its own last answer in this run, whichever batch or attempt received
 * it.
 */
import type { AttemptHistory } from '../../files/ledger/attempt-journal';
import type { Answer } from '../../http/answer';
import type { FetchFailure } from '../../http/failures/fetch-failure';
import type { HostGivenUp } from '../hosts/host-unavailable';
import { isWithoutAnswer } from '../hosts/interpret-outcome';
import type { FailedResult } from './entry-result';
import type { LineTrace } from './outcome-line';

/** `answer` is the head that the failed attempt received, or null. */
export function historyAfterFailure(
  history: AttemptHistory,
  failure: FetchFailure,
  answer: Answer | null,
): AttemptHistory {
  const { code, message, isRetryable } = failure;
  const noted = { code, message, isTransient: isRetryable };
  // A redirect was followed, and its target gave no answer, which is what counts.
  if (answer === null || (isWithoutAnswer(failure) && answer.status !== 200))
    return { ...history, unanswered: noted };
  const { status, etag, lastModified, finalHost } = answer;
  return {
    ...history,
    answered: { failure: noted, answer: { status, etag, lastModified, finalHost } },
    unanswered: null,
  };
}

/**
 * `givenUp` is the reason why no (further) request was sent for the image; null when it has used up
 * its attempts.
 */
export function failedResult(
  { answered, unanswered }: AttemptHistory,
  givenUp: HostGivenUp | null,
): FailedResult {
  const ownFailure = answered?.failure ?? unanswered;
  if (ownFailure === null) {
    const code = givenUp?.code ?? 'connect';
    return {
      kind: 'failed',
      code,
      retryable: true,
      detail: `not asked: ${givenUp?.message ?? 'unknown'}`,
    };
  }
  const laterFailure =
    answered === null || unanswered === null ? [] : [`then ${unanswered.message}`];
  const notAskedAgain = givenUp === null ? [] : [`not asked again: ${givenUp.message}`];
  return {
    kind: 'failed',
    code: ownFailure.code,
    retryable: ownFailure.isTransient,
    detail: [ownFailure.message, ...laterFailure, ...notAskedAgain].join('; '),
  };
}

/** The last failure, if it is permanent and it is not decided yet whether it counts; else null. */
export function openFailureOf({ answered, unanswered }: AttemptHistory): NotedFailure | null {
  const last = unanswered ?? answered?.failure ?? null;
  return last === null || last.isTransient ? null : last;
}

/** The same history, after it was found that the host refuses everything. */
export function retryableHistory({
  answered,
  unanswered,
  ...rest
}: AttemptHistory): AttemptHistory {
  const retryable = (failure: NotedFailure): NotedFailure => ({ ...failure, isTransient: true });
  return {
    ...rest,
    answered: answered === null ? null : { ...answered, failure: retryable(answered.failure) },
    unanswered: unanswered === null ? null : retryable(unanswered),
  };
}

type NotedFailure = NonNullable<AttemptHistory['unanswered']>;

/** The head of the answer from which the code was derived. */
export function lastAnswerOf({ answered }: AttemptHistory): LineTrace['answer'] {
  return answered?.answer ?? null;
}
