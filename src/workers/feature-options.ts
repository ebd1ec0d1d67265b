/** The options of a worker that computes features. */
import type { WorkerOptions } from '@temporalio/worker';
import { createFeatureActivities } from '../activities/feature-activities';
import { createFeaturePool } from '../features/feature-pool';
import { FEATURE_SLOTS } from '../features/feature-slots';
import { IMAGE_TIMEOUT_MS } from './plan-workers';
import type { Binding } from './worker-binding';

export function featureOptions({ config, releases }: Binding): Partial<WorkerOptions> {
  const pool = createFeaturePool({ processes: FEATURE_SLOTS, timeoutMs: IMAGE_TIMEOUT_MS });
  releases.push(() => pool.close());
  const { dataRoot, download } = config;
  return { activities: createFeatureActivities({ dataRoot, pixels: download.pixels, pool }) };
}
