/**
 * Drains running batches, so that what an operator wants takes effect at once and not only after
 * their time box.
 */
import { isCancellation, log } from '@temporalio/workflow';
import { recordActivities } from '../activity-proxies';
import type { DownloadTracker } from './download-tracker';

/**
 * Asks the batches up to `throughDispatch` to drain. Costs nothing when no batch is running. When
 * the activity fails, the batches end with their time box.
 */
export async function drainBatches(
  { batches, input, steering }: DownloadTracker,
  throughDispatch: number,
): Promise<void> {
  if (batches.running === 0) return;
  const { warehouseId, runId } = input;
  const summary = steering.isPaused ? 'hold the images that wait' : 'let new budgets hold';
  try {
    await recordActivities().recallBatches.executeWithOptions({ summary }, [
      { warehouseId, runId, throughDispatch },
    ]);
  } catch (error) {
    if (isCancellation(error)) throw error;
    log.warn('batches could not be drained', { error: String(error) });
  }
}
