/** A step's write of the warehouse; while it is late, everybody is told what is in its way. */
import type { Obstacle } from '../contract/obstacle';
import { explained } from './explained';
import type { RunContext } from './run-context';
import { tell } from './tell';

/** **Errors** those of `work`. */
export async function writeExplained<T>(
  context: RunContext,
  activity: string,
  work: () => Promise<T>,
): Promise<T> {
  const { warehouseId, runId, tuning } = context;
  const { lateSeconds } = tuning;
  const show = (obstacle: Obstacle | null): Promise<void> => meet(context, obstacle);
  const value = await explained(
    { warehouseId, runId, queue: 'warehouse', activity, lateSeconds, show },
    work,
  );
  context.board.obstacle = null;
  return value;
}

/** Told after every look, so that `status` does not take the run for cut off. */
async function meet(context: RunContext, obstacle: Obstacle | null): Promise<void> {
  context.board.obstacle = obstacle;
  await tell(context);
}
