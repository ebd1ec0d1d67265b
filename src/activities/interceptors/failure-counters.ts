/**
 * The counters of an activity's own failures, which its heartbeat details carry from one attempt to
 * the next.
 */
import type { Context } from '@temporalio/activity';
import { z } from 'zod';

/**
 * `failures` is a count over attempts. `waitingSince` is in milliseconds since the epoch; null when
 * the activity waits for nothing.
 */
export interface FailureCounters {
  readonly failures: number;
  readonly waitingSince: number | null;
}

const schema = z.object({
  failures: z.number().catch(0).default(0),
  waitingSince: z.number().nullable().catch(null).default(null),
});

/** The counters that earlier attempts left behind. */
export function countersOf(context: Context): FailureCounters {
  const parsed = schema.safeParse(context.info.heartbeatDetails);
  return parsed.success ? parsed.data : { failures: 0, waitingSince: null };
}
