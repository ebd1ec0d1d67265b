/** An activity's own failures, carried from attempt to attempt in its heartbeat details. */
import type { Context } from '@temporalio/activity';
import { z } from 'zod';

/** **Units** `failures` a count over attempts; `waitingSince` ms since the epoch, null when nothing is waited for. */
export interface FailureCounters {
  readonly failures: number;
  readonly waitingSince: number | null;
}

const schema = z.object({
  failures: z.number().catch(0).default(0),
  waitingSince: z.number().nullable().catch(null).default(null),
});

/** The counters as the attempts before left them. */
export function countersOf(context: Context): FailureCounters {
  const parsed = schema.safeParse(context.info.heartbeatDetails);
  return parsed.success ? parsed.data : { failures: 0, waitingSince: null };
}
