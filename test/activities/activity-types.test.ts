/** The list of activity types that the tests use is that of the workers. */
import { createDownloadActivities } from '../../src/activities/download-activities';
import { createFeatureActivities } from '../../src/activities/feature-activities';
import { createPlanActivities } from '../../src/activities/plan-activities';
import { createWarehouseActivities } from '../../src/activities/warehouse-activities';
import { ACTIVITY_TYPES } from '../helpers/runs/activity-types';

it('the list of activity types has every activity of every worker', () => {
  // The dependencies are not needed, because no activity is called.
  const unbound = {} as never;
  const types = [
    createPlanActivities({
      config: unbound,
      warehouseId: 'w',
      server: unbound,
      prepared: unbound,
      ingestBegins: unbound,
    }),
    createDownloadActivities(unbound),
    createFeatureActivities(unbound),
    createWarehouseActivities(unbound, unbound),
  ].flatMap((activities) => Object.keys(activities));
  expect([...ACTIVITY_TYPES].sort()).toEqual(types.sort());
});
