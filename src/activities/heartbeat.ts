/** Heartbeats on a timer of their own, so that cancel and pause are seen whatever the work is doing. */
import { Context } from '@temporalio/activity';
import { countersOf } from './interceptors/failure-counters';

/** **Units** ms. Well below every heartbeat timeout (10 s at least). */
const PULSE_MS = 1_000;

export interface Heartbeat<T> {
  readonly details: () => object;
  /** False when nothing has moved for too long: the heartbeat stops, and Temporal ends a hung attempt. */
  readonly isAlive?: () => boolean;
  readonly work: (signal: AbortSignal) => Promise<T>;
}

/**
 * Runs `work` while heartbeating with `details`.
 *
 * **Errors** rethrows what `work` throws; it gets the activity's cancellation signal.
 */
export async function withHeartbeat<T>(pulse: Heartbeat<T>): Promise<T> {
  const context = Context.current();
  const { failures, waitingSince } = countersOf(context);
  const beat = (): void => {
    if (pulse.isAlive?.() ?? true)
      context.heartbeat({ failures, waitingSince, ...pulse.details() });
  };
  beat();
  const timer = setInterval(beat, PULSE_MS);
  try {
    return await pulse.work(context.cancellationSignal);
  } finally {
    clearInterval(timer);
    beat();
  }
}
