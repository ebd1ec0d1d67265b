/**
 * Sends heartbeats on a timer of their own, so that cancel and pause are noticed during any work.
 */
import { Context } from '@temporalio/activity';
import { countersOf } from './interceptors/failure-counters';

/** The interval in milliseconds. It is well below every heartbeat timeout (10 s at least). */
const INTERVAL_MS = 1_000;

export interface Heartbeat<T> {
  /** What the heartbeats carry besides the counters of failures; by default nothing. */
  readonly details?: () => object;
  /**
   * Returns false when nothing has made progress for too long. Then heartbeats stop, and Temporal
   * ends the hung attempt.
   */
  readonly isAlive?: () => boolean;
  readonly work: (signal: AbortSignal) => Promise<T>;
}

/**
 * Runs `work`, which receives the activity's cancellation signal. Meanwhile it sends heartbeats
 * with `details`.
 *
 * @throws the errors of `work`.
 */
export async function withHeartbeat<T>(heartbeat: Heartbeat<T>): Promise<T> {
  const context = Context.current();
  const { failures, waitingSince } = countersOf(context);
  const sendHeartbeat = (): void => {
    if (heartbeat.isAlive?.() ?? true)
      context.heartbeat({ failures, waitingSince, ...heartbeat.details?.() });
  };
  sendHeartbeat();
  const timer = setInterval(sendHeartbeat, INTERVAL_MS);
  try {
    return await heartbeat.work(context.cancellationSignal);
  } finally {
    clearInterval(timer);
    sendHeartbeat();
  }
}
