/** An activity's own failures, passed from attempt to attempt in its heartbeat details. */
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

/** The counters as earlier attempts left them. */
export function countersOf(context: Context): FailureCounters {
  const parsed = schema.safeParse(context.info.heartbeatDetails);
  return parsed.success ? parsed.data : { failures: 0, waitingSince: null };
}
