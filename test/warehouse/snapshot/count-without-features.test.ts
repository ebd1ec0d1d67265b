/** How many images the end of a run leaves to the step `features`. */
import { FEATURE_VERSION } from '../../../src/contract/features/feature';
import { appendFeatures, computed, failed } from '../feature-lines';
import { WarehouseFixture } from '../warehouse-fixture';

let fixture: WarehouseFixture;
beforeEach(() => {
  fixture = new WarehouseFixture();
});
afterEach(() => {
  fixture.remove();
});

async function withoutFeatures(collection?: string): Promise<number | undefined> {
  const record = fixture.record('r1', '2026-01-01T00:00:00.000Z');
  const input = { warehouseId: 'w', record, materialise: true, collection };
  return (await fixture.warehouse.publishSnapshot(input)).counts.withoutFeatures;
}

it('the end of a run counts images with new files, features of a former version, and failures that may pass', async () => {
  const ids = ['computed', 'copy', 'former', 'corrupt', 'missing', 'new'];
  await fixture.storeImages('r1', ids, (id) => (id === 'copy' ? 'computed' : id));
  expect(await withoutFeatures()).toBe(6);
  appendFeatures(fixture.root, 'r1', [
    computed('computed', { version: FEATURE_VERSION }),
    computed('former', { version: FEATURE_VERSION - 1 }),
    failed('corrupt', { version: FEATURE_VERSION }),
    failed('missing', { version: FEATURE_VERSION, code: 'missing' }),
  ]);
  await fixture.warehouse.commitFeatures({ warehouseId: 'w', runId: 'r1' });
  expect(await withoutFeatures()).toBe(3);
  expect(await withoutFeatures('maps')).toBe(0);
});
