/** An image's code is its own: that of its last answer in this run, whichever batch or attempt got it. */
import type { AttemptHistory } from '../../files/ledger/attempt-journal';
import type { Answer } from '../../http/answer';
import type { FetchFailure } from '../../http/fetch-failure';
import type { HostGivenUp } from '../hosts/host-unavailable';
import { isWithoutAnswer } from '../hosts/interpret-outcome';
import type { FailedResult } from './entry-result';
import type { LineTrace } from './outcome-line';

/** `answer`: the head that the failed attempt got; null: none. */
export function afterFailure(
  history: AttemptHistory,
  failure: FetchFailure,
  answer: Answer | null,
): AttemptHistory {
  const { code, message, isTransient } = failure;
  const noted = { code, message, isTransient };
  // A redirect was followed: that its target gave no answer is what counts.
  if (answer === null || (isWithoutAnswer(failure) && answer.status !== 200))
    return { ...history, unanswered: noted };
  const { status, etag, lastModified, finalHost } = answer;
  return {
    ...history,
    answered: { failure: noted, answer: { status, etag, lastModified, finalHost } },
    unanswered: null,
  };
}

/** `givenUp`: the host was given up before the image was asked for (again); null: it has used up its attempts. */
export function failedResult(
  { answered, unanswered }: AttemptHistory,
  givenUp: HostGivenUp | null,
): FailedResult {
  const own = answered?.failure ?? unanswered;
  if (own === null) {
    const code = givenUp?.code ?? 'connect';
    return {
      kind: 'failed',
      code,
      retryable: true,
      detail: `not asked: ${givenUp?.message ?? 'unknown'}`,
    };
  }
  const later = answered === null || unanswered === null ? [] : [`then ${unanswered.message}`];
  const end = givenUp === null ? [] : [`not asked again: ${givenUp.message}`];
  return {
    kind: 'failed',
    code: own.code,
    retryable: own.isTransient,
    detail: [own.message, ...later, ...end].join('; '),
  };
}

/** The head that goes with the code. */
export function lastAnswerOf({ answered }: AttemptHistory): LineTrace['answer'] {
  return answered?.answer ?? null;
}
