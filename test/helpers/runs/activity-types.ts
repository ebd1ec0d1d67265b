/** The activities that workers register. */
import { createDownloadActivities } from '../../../src/activities/download-activities';
import { createFeatureActivities } from '../../../src/activities/feature-activities';
import { createPlanActivities } from '../../../src/activities/plan-activities';
import { createWarehouseActivities } from '../../../src/activities/warehouse-activities';

/**
 * What makes the activities of each queue. `activity-types.test.ts` checks that no kind of worker
 * is missing.
 */
export const ACTIVITY_FACTORIES = {
  plan: createPlanActivities,
  download: createDownloadActivities,
  features: createFeatureActivities,
  warehouse: createWarehouseActivities,
} as const;

/** The names of the activities of each queue. */
export const ACTIVITIES_BY_QUEUE = Object.entries(ACTIVITY_FACTORIES).map(
  ([queue, factory]) => [queue, namesOf(factory)] as const,
);

/** Every activity type of this program. */
export const ACTIVITY_TYPES: readonly string[] = ACTIVITIES_BY_QUEUE.flatMap(([, names]) => names);

/** Its dependencies are not needed, because no activity is called. */
function namesOf(factory: (...dependencies: never[]) => object): readonly string[] {
  const unbound = { config: {} } as never;
  return Object.keys(factory(unbound, unbound));
}
