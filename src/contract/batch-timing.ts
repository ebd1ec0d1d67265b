/**
 * The times by which a worker and the server agree on who works on a batch. Two attempts of one
 * batch must never send requests at the same time. A worker that has lost the server therefore
 * stops before the server can start a successor.
 */

/**
 * The server starts a successor this long after the last heartbeat that it received, in
 * milliseconds.
 */
export const BATCH_HEARTBEAT_TIMEOUT_MS = 15_000;

/**
 * A worker stops when this time has passed since it sent the latest question about its batch that
 * the server answered, in milliseconds. The answer restarts the server's own timer, so no successor
 * starts before the question was sent plus the heartbeat timeout.
 */
export const SERVER_SILENCE_LIMIT_MS = 9_000;

/** How often each running batch asks the server whether it still belongs to it, in milliseconds. */
export const OWNERSHIP_QUESTION_EVERY_MS = 1_000;

/**
 * A question without an answer after this time, in milliseconds, counts as silence. A server under
 * load may take longer than usual.
 */
export const OWNERSHIP_QUESTION_LIMIT_MS = 3_000;

/**
 * The pause after a question without an answer, in milliseconds. It is short, so that a short
 * interruption has no effect.
 */
export const OWNERSHIP_RETRY_MS = 500;

/**
 * How often the silence is measured, in milliseconds. A batch ends at most this much later than its
 * limit.
 */
export const SILENCE_CHECK_EVERY_MS = 500;

/**
 * The shortest pause between the SDK's heartbeats, in milliseconds. A cancellation or a pause is
 * delivered with them.
 */
export const HEARTBEAT_THROTTLE_MS = 2_000;

/** The limits of one attempt, in milliseconds. */
export interface AttemptTiming {
  readonly silenceLimitMs: number;
  readonly questionEveryMs: number;
  readonly retryMs: number;
}

/**
 * The limits of an attempt with this heartbeat timeout. An operator may shorten the timeout of one
 * activity (`temporal activity update-options --heartbeat-timeout 7s`). The limits then shrink in
 * proportion; they never grow. A timeout of 0 means that there is none.
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
