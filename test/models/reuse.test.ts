/** When the published tables of models may stay, because they would be built equal. */
import { existsSync } from 'node:fs';
import { sha256OfFile } from '../../src/files/sha256-of-file';
import type { ModelBuild } from '../../src/models/build-models';
import { ledgerLine, urlHash } from '../warehouse/warehouse-fixture';
import { ModelFixture } from './model-fixture';

let fixture: ModelFixture;
beforeEach(async () => {
  fixture = await ModelFixture.withThreeImages();
  fixture.model('titles', 'SELECT title, count(*) AS images FROM catalog_row GROUP BY title');
  fixture.model('checks/no_title', '-- warn\nFROM catalog_row WHERE title IS NULL');
});
afterEach(() => {
  fixture.remove();
});

function build(mayReuse = true): Promise<ModelBuild> {
  return fixture.build({ origin: { runId: 'r1', mayReuse } });
}

/** Builds the models, and publishes their tables. */
async function buildAndPublish(): Promise<ModelBuild> {
  const built = await build(false);
  const sha256 = await sha256OfFile(fixture.derived);
  await fixture.warehouse.publishSnapshot({
    ...{ warehouseId: 'w', record: null, materialise: true },
    derived: [{ kind: 'models', path: 'tmp/models.duckdb', sha256 }],
  });
  return built;
}

/** Records that a run has ended, as its last publication does, and publishes. */
async function endRun(runId: string): Promise<void> {
  const record = fixture.record(runId, '2026-01-05T00:00:00.000Z');
  const ended = { ...record, state: 'completed', endedAt: '2026-01-05T00:01:00.000Z' } as const;
  await fixture.warehouse.publishSnapshot({ warehouseId: 'w', record: ended, materialise: true });
}

describe('the published tables of models', () => {
  it('stay when neither the content nor a file has changed, with the same result', async () => {
    const built = await buildAndPublish();
    const again = await build();
    expect(again).toEqual({
      isReused: true,
      models: built.models.map((model) => ({ ...model, preview: null })),
      checks: built.checks,
    });
    expect(existsSync(fixture.derived)).toBe(false);
  });

  it('stay after a run that left nothing, and not after one that left an outcome', async () => {
    await endRun('r1');
    await buildAndPublish();
    fixture.openRun('r2', '2026-01-05T00:00:00.000Z');
    await endRun('r2');
    expect(await build()).toMatchObject({ isReused: true });
    fixture.append('r2', [ledgerLine({ id: 'a', urlHash: urlHash('http://h/a') })]);
    await fixture.warehouse.commitLedgers({ warehouseId: 'w', runId: null });
    await fixture.publish();
    expect(await build()).toMatchObject({ isReused: false });
  });

  it('are built again when a run has ended that left something', async () => {
    await buildAndPublish();
    await endRun('r1');
    expect(await build()).toMatchObject({ isReused: false });
  });

  it('are built again when a file, the catalog or the groups of images have changed', async () => {
    await buildAndPublish();
    fixture.model('titles', 'SELECT title, count(*) AS many FROM catalog_row GROUP BY title');
    expect(await build()).toMatchObject({ isReused: false });
    await buildAndPublish();
    expect(await build()).toMatchObject({ isReused: true });
    await fixture.merge('r3', [
      { id: 'a', url: 'http://h/a', title: 'Other' },
      { id: 'b', url: 'http://h/b', title: 'Second' },
      { id: 'c', url: null },
    ]);
    await fixture.publish();
    expect(await build()).toMatchObject({ isReused: false });
    await buildAndPublish();
    expect(await build()).toMatchObject({ isReused: true });
    await fixture.addToSnapshot("INSERT INTO derived_from VALUES ('cluster', 'r3', 'f', now())");
    expect(await build()).toMatchObject({ isReused: false });
  });

  it.each([
    'SELECT count(*) AS n FROM catalog_row WHERE now() > 0::TIMESTAMP',
    'SELECT current_date AS day',
    'FROM catalog_row USING SAMPLE 1 ROWS',
    'SELECT count(*) AS n FROM snapshot.catalog_row',
  ])('never stay with a model like %s', async (text) => {
    fixture.model('changing', text.replace('0::TIMESTAMP', "'2020-01-01'::TIMESTAMP"));
    await buildAndPublish();
    expect(await build()).toMatchObject({ isReused: false });
  });

  it('are built again after one that could not be built', async () => {
    fixture.model('wrong', 'SELECT titel FROM catalog_row');
    await buildAndPublish();
    expect(await build()).toMatchObject({ isReused: false });
  });
});
