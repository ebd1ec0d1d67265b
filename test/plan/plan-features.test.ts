/** What a run computes after an upgrade that has changed the features. */
import { FEATURE_VERSION } from '../../src/contract/features/feature';
import { planFeatures } from '../../src/plan/features/plan-features';
import { appendFeatures, computed, failed } from '../warehouse/feature-lines';
import { database, WarehouseFixture } from '../warehouse/warehouse-fixture';

let fixture: WarehouseFixture;
beforeEach(() => {
  fixture = new WarehouseFixture();
});
afterEach(() => {
  fixture.remove();
});

it('after an upgrade of the features every file is computed again, also one that had failed', async () => {
  await fixture.storeImages('r1', ['old', 'broken', 'present', 'new']);
  appendFeatures(fixture.root, 'r1', [
    computed('old', { version: FEATURE_VERSION - 1 }),
    failed('broken', { version: FEATURE_VERSION - 1 }),
    computed('present', { version: FEATURE_VERSION }),
  ]);
  await fixture.warehouse.commitFeatures({ warehouseId: 'w', runId: null });
  await fixture.query('SELECT 1', true);
  const request = { select: 'pending', limit: null, only: null } as const;
  const plan = await planFeatures({ dataRoot: fixture.root, runId: 'r1', request, database });
  expect(plan).toMatchObject({ planned: 3, stored: 4, former: 1 });
  expect(await fixture.ask('SELECT DISTINCT version FROM feature ORDER BY 1')).toEqual([
    { version: FEATURE_VERSION - 1 },
    { version: FEATURE_VERSION },
  ]);
});
