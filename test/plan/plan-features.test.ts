/** What a run computes after an upgrade that has changed the features, and how long that takes. */
import { FEATURE_VERSION } from '../../src/contract/features/feature';
import { FILE_MS } from '../../src/plan/features/file-cost';
import { planFeatures } from '../../src/plan/features/plan-features';
import { appendFeatures, computed, failed, sha256 } from '../warehouse/feature-lines';
import { database, ledgerLine, WarehouseFixture } from '../warehouse/warehouse-fixture';

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

/** The milliseconds of CPU that all features of such files took. */
const MEASURED = [
  ['jpeg', 400, 300, 13_000, 8],
  ['jpeg', 3_000, 2_250, 710_000, 52],
  ['jpeg', 3_000, 2_250, 4_110_000, 84],
  ['webp', 400, 300, 9_000, 13],
  ['webp', 3_000, 2_250, 640_000, 209],
  ['webp', 3_000, 2_250, 4_390_000, 598],
  ['webp', 6_000, 4_500, 1_880_000, 793],
  ['png', 64, 64, 11_000, 3],
  ['png', 3_000, 2_250, 13_470_000, 149],
  ['png', 6_000, 4_500, 69_460_000, 541],
  ['gif', 3_000, 2_250, 7_530_000, 112],
  ['tiff', 3_000, 2_250, 780_000, 61],
  ['avif', 2_000, 1_500, 89_000, 237],
] as const;

it('the time that is expected for files of each format and size is about what was measured', async () => {
  const files = MEASURED.map(([format, width, height, bytes], index) => {
    const id = `${index}`;
    return ledgerLine({ id, sha256: sha256(id), format, width, height, bytes });
  });
  await fixture.merge(
    'r1',
    files.map(({ id }) => ({ id, url: `http://h/${id}` })),
  );
  fixture.append('r1', files);
  await fixture.warehouse.commitLedgers({ warehouseId: 'w', runId: 'r1' });
  await fixture.query('SELECT 1', true);
  const expected = await fixture.ask(
    `SELECT ${FILE_MS} AS ms FROM (
       SELECT thumb_format AS format, thumb_bytes / 1e6 AS megabytes, thumb_width * thumb_height / 1e6 AS megapixels,
         source_image_id::INTEGER AS n FROM image) ORDER BY n`,
  );
  const ratios = MEASURED.map(([, , , , ms], index) => Number(expected[index]?.ms) / ms);
  for (const ratio of ratios) {
    expect(ratio).toBeGreaterThan(0.6);
    expect(ratio).toBeLessThan(1.6);
  }
  const request = { select: 'pending', limit: null, only: null } as const;
  const plan = await planFeatures({ dataRoot: fixture.root, runId: 'r1', request, database });
  const sum = expected.reduce((total, { ms }) => total + Number(ms), 0);
  expect(plan.cpuSeconds).toBeCloseTo(sum / 1_000, 3);
});
