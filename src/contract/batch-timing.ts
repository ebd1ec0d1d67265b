/**
 * The times by which a worker and the server agree on who works on a batch. Two attempts of one batch must never send
 * requests at the same time, so a worker that has lost the server stops before the server can start a successor.
 */

/** The server starts a successor this long after the last heartbeat that it received. **Units** ms. */
export const BATCH_HEARTBEAT_TIMEOUT_MS = 15_000;

/**
 * A worker stops when the latest question that the server answered about its batch was sent this long ago. The answer
 * restarts the server's own timer, so no successor starts before that moment plus the heartbeat timeout. **Units** ms.
 */
export const SERVER_SILENCE_LIMIT_MS = 9_000;

/** How often each running batch asks the server whether it is still its own. **Units** ms. */
export const OWNERSHIP_QUESTION_EVERY_MS = 1_000;

/** A question without an answer by then counts as silence: a server beside a load may take its time. **Units** ms. */
export const OWNERSHIP_QUESTION_LIMIT_MS = 3_000;

/** After a question without an answer the next one follows this soon, so that a short interruption is not noticed. **Units** ms. */
export const OWNERSHIP_RETRY_MS = 500;

/** How often the silence is measured: the batch ends this much later than its limit, at most. **Units** ms. */
export const SILENCE_CHECK_EVERY_MS = 500;

/** The SDK sends heartbeats no more often than this; a cancel or a pause is delivered with them. **Units** ms. */
export const HEARTBEAT_THROTTLE_MS = 2_000;

/** What is applied to one attempt. **Units** ms. */
export interface AttemptTiming {
  readonly silenceLimitMs: number;
  readonly questionEveryMs: number;
  readonly retryMs: number;
}

/**
 * The limits for an attempt with this heartbeat timeout. An operator may shorten the timeout of one activity
 * (`temporal activity update-options --heartbeat-timeout 7s`); the limits shrink in proportion, and never grow. A timeout of 0
 * means that there is none.
 */
export function attemptTiming(heartbeatTimeoutMs: number): AttemptTiming {
  const isUnlimited = heartbeatTimeoutMs === 0;
  const share = isUnlimited ? 1 : Math.min(1, heartbeatTimeoutMs / BATCH_HEARTBEAT_TIMEOUT_MS);
  return {
    silenceLimitMs: share * SERVER_SILENCE_LIMIT_MS,
    questionEveryMs: share * OWNERSHIP_QUESTION_EVERY_MS,
    retryMs: share * OWNERSHIP_RETRY_MS,
  };
}
