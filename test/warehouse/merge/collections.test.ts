/** Catalogs of several collections in one data root touch no image of one another. */
import fs from 'node:fs';
import { createLogger } from '../../../src/log';
import { verify } from '../../../src/verify/verify';
import { rebuildWarehouse } from '../../../src/warehouse/rebuild/rebuild-warehouse';
import { restoreDataRoot } from '../schema/stored-data-roots';
import { database, ledgerLine, WarehouseFixture, type CatalogImage } from '../warehouse-fixture';

let fixture: WarehouseFixture;
beforeEach(() => {
  fixture = new WarehouseFixture();
});
afterEach(() => {
  fixture.remove();
});

const images = (ids: string, host = 'h'): readonly CatalogImage[] =>
  Array.from(ids, (id) => ({ id, url: `http://${host}/${id}` }));
const IMAGES = `SELECT source_image_id AS id, collection, catalog_id, record, removed_at IS NOT NULL AS gone
  FROM dim_image ORDER BY collection NULLS FIRST, record`;
const GONE = 'SELECT source_image_id AS id FROM dim_image WHERE removed_at IS NOT NULL ORDER BY 1';

it('a merge gives images of a named collection its name before their id, and removes images of no other one', async () => {
  await fixture.merge('r1', images('abc'));
  const b = { collection: 'b' };
  expect(await fixture.merge('r2', images('abx', 'other'), b)).toMatchObject({
    added: 3,
    removed: 0,
    urlChanged: 0,
  });
  expect(await fixture.query(IMAGES)).toEqual([
    { id: 'a', collection: null, catalog_id: 'a', record: 1, gone: false },
    { id: 'b', collection: null, catalog_id: 'b', record: 2, gone: false },
    { id: 'c', collection: null, catalog_id: 'c', record: 3, gone: false },
    { id: 'b/a', collection: 'b', catalog_id: 'a', record: 1, gone: false },
    { id: 'b/b', collection: 'b', catalog_id: 'b', record: 2, gone: false },
    { id: 'b/x', collection: 'b', catalog_id: 'x', record: 3, gone: false },
  ]);

  // Next month's catalog of each.
  const later = { startedAt: '2026-01-02T00:00:00.000Z', maxRemoved: 0.5 };
  expect(await fixture.merge('r3', images('bcd'), later)).toMatchObject({ added: 1, removed: 1 });
  expect(await fixture.query(GONE)).toEqual([{ id: 'a' }]);
  expect(await fixture.merge('r4', images('ab', 'other'), { ...later, ...b })).toMatchObject({
    added: 0,
    removed: 1,
  });
  expect(await fixture.query(GONE)).toEqual([{ id: 'a' }, { id: 'b/x' }]);

  // The counts of a run are those of its collection.
  fixture.append('r4', [ledgerLine({ id: 'b/a', urlHash: 'x' }), ledgerLine({ id: 'b' })]);
  await fixture.warehouse.commitLedgers({ warehouseId: 'w', runId: null });
  const publish = { warehouseId: 'w', record: null, materialise: true };
  const { counts } = await fixture.warehouse.publishSnapshot(publish);
  expect(counts).toMatchObject({ images: 4, stored: 1, pending: 2, removed: 1, permanent: 0 });
  const named = await fixture.warehouse.publishSnapshot({ ...publish, ...b });
  expect(named.counts).toMatchObject({ images: 3, stored: 0, pending: 2, removed: 1 });

  const everything = 'SELECT * FROM dim_image ORDER BY source_image_id';
  const rows = 'SELECT * FROM catalog_row ORDER BY source_image_id';
  const before = [await fixture.query(everything), await fixture.ask(rows)];
  const log = createLogger({ level: 'silent', pretty: false });
  for (const name of ['warehouse.duckdb', 'warehouse.snapshot.duckdb'])
    fs.rmSync(fixture.path(name));
  const onStage = (): void => undefined;
  const rebuilt = await rebuildWarehouse({ dataRoot: fixture.root, database, log, onStage });
  expect(rebuilt).toMatchObject({ catalogs: 4, images: 7 });
  expect([await fixture.ask(everything), await fixture.ask(rows)]).toEqual(before);
});

it('a merge gives rejected rows of a named collection its name before their id, where they have one', async () => {
  await fixture.prepare('r1', images('ab'));
  const rejects = [
    { record: 3, line: 4, id: 'a', code: 'duplicate_conflict', detail: 'x' },
    { record: 4, line: 5, id: null, code: 'bad_id', detail: 'y' },
  ];
  fs.writeFileSync(
    fixture.path('runs', 'r1', 'rejects.ndjson'),
    rejects.map((reject) => JSON.stringify(reject)).join('\n'),
  );
  await fixture.warehouse.mergeCatalog({ ...fixture.mergeInput('r1'), collection: 'b' });
  expect(
    await fixture.query('SELECT record, source_image_id AS id FROM catalog_reject ORDER BY record'),
  ).toEqual([
    { record: 3, id: 'b/a' },
    { record: 4, id: null },
  ]);
});

it('catalog_row has the columns of all collections, joined by name', async () => {
  await fixture.merge('r1', [{ id: 'a', url: null, title: 'A' }]);
  const b = { collection: 'b' };
  await fixture.prepare('r2', []);
  await fixture.writeTable('r2', [
    { source_image_id: 'a', record: 1, thumb_url: null, Title: 'B', image_number: 2 },
  ]);
  await fixture.warehouse.mergeCatalog({ ...fixture.mergeInput('r2'), ...b });
  const rows = 'SELECT * FROM catalog_row ORDER BY source_image_id';
  const expected = [
    { source_image_id: 'a', record: 1, title: 'A', image_number: null },
    { source_image_id: 'b/a', record: 1, title: 'B', image_number: 2 },
  ];
  expect(await fixture.query(rows)).toEqual(expected);
  // The same content, in the other order of merges.
  await fixture.merge('r3', [{ id: 'a', url: null, title: 'A' }]);
  expect(await fixture.query(rows)).toEqual(expected);
  await fixture.merge('r4', [{ id: 'a', url: null, title: 'new' }]);
  expect(await fixture.query(rows)).toEqual([{ ...expected[0], title: 'new' }, expected[1]]);
});

it('a merge refuses a catalog whose images would have ids of another collection, and changes nothing', async () => {
  await fixture.merge('r1', [...images('a'), { id: 'b/1', url: 'http://h/1' }]);
  await expect(
    fixture.merge('r2', images('1', 'other'), { collection: 'b' }),
  ).rejects.toMatchObject({
    code: 'input',
    message: expect.stringMatching(
      /into the collection "b": 1 of its images .* The first is "b\/1", of the unnamed collection\..*--collection NAME/,
    ) as string,
  });
  await fixture.merge('r3', images('1', 'other'), { collection: 'c' });
  const taken = [...images('a'), { id: 'b/1', url: 'http://h/1' }, { id: 'c/1', url: null }];
  await expect(fixture.merge('r4', taken)).rejects.toMatchObject({
    message: expect.stringContaining('The first is "c/1", of the collection "c"') as string,
  });
  expect(await fixture.query('SELECT source_image_id AS id FROM dim_image ORDER BY 1')).toEqual([
    { id: 'a' },
    { id: 'b/1' },
    { id: 'c/1' },
  ]);
});

it('a merge refuses a catalog that keeps fewer than half of its collection, unless it replaces it', async () => {
  await fixture.merge('r1', [...images('abcd'), { id: 'e', url: null }]);
  await fixture.merge('r2', images('abcdef', 'other'), { collection: 'b' });
  const next = { startedAt: '2026-01-02T00:00:00.000Z', maxRemoved: 1 };
  const other = fixture.merge('r3', [...images('ab'), ...images('cde', 'elsewhere')], next);
  // The image e had no URL: its id is enough.
  expect(await other).toMatchObject({ removed: 0, urlChanged: 3 });
  const moved = images('abcde', 'moved');
  await expect(fixture.merge('r4', moved, next)).rejects.toMatchObject({
    code: 'input',
    message: expect.stringMatching(
      /keeps id and URL of 0 of the 5 images of the unnamed collection.*--collection NAME.*--replace/,
    ) as string,
  });
  expect(await fixture.query(GONE)).toEqual([]);
  const renamed = [...images('ab'), ...images('cde', 'elsewhere')].map(({ id, url }) => ({
    id: `${id}#1`,
    url,
  }));
  expect(await fixture.merge('r5', renamed, next)).toMatchObject({ removed: 5, renamed: 5 });
  // Ids that return account for those that leave again.
  const back = await fixture.merge('r6', [...images('ab'), ...images('cde', 'elsewhere')], next);
  expect(back).toMatchObject({ returned: 5, removed: 5, renamed: 5 });
  const replace = { ...next, replace: true, maxRemoved: 0 };
  expect(await fixture.merge('r7', images('z'), replace)).toMatchObject({ added: 1, removed: 5 });
  expect(
    await fixture.query(
      "SELECT count(*)::INTEGER AS n FROM image_state WHERE collection = 'b' AND state = 'pending'",
    ),
  ).toEqual([{ n: 6 }]);
});

it('every image of a data root that an earlier program wrote is of the unnamed collection', async () => {
  restoreDataRoot(1, fixture.root);
  // Its snapshot is read before anything is migrated.
  fs.copyFileSync(fixture.path('warehouse.duckdb'), fixture.path('warehouse.snapshot.duckdb'));
  const options = { dataRoot: fixture.root, database, deep: false, onProgress: () => undefined };
  const { checks } = await verify(options);
  const failed = checks.filter(({ ok }) => !ok).map(({ id }) => id);
  // The stored data root has no image files.
  expect(failed).toEqual(['K2']);
  const known = [...images('abc'), { id: 'd', url: null }];
  expect(await fixture.merge('r2', known)).toMatchObject({ added: 0, removed: 0 });
  await fixture.merge('r3', known, { collection: 'b' });
  const counted = `SELECT collection, count(*)::INTEGER AS n, count(*) FILTER (source_image_id = catalog_id)::INTEGER AS same
    FROM dim_image GROUP BY ALL ORDER BY 1 NULLS FIRST`;
  expect(await fixture.query(counted)).toEqual([
    { collection: null, n: 4, same: 4 },
    { collection: 'b', n: 4, same: 0 },
  ]);
});
